"""Another independent WebRTC client (GStreamer's webrtcbin on libnice) over WHIP and WHEP, for the tests: it reaches the server over TCP alone.

    whip_client_tcp.py publish URL TOKEN
    whip_client_tcp.py play URL TOKEN

Takes the UDP candidates out of the answer, publishes a moving picture and a tone, or plays and counts, until its input ends; then it DELETEs its
session. Each second, and at each step, it prints one line of JSON: {"state", "frames", "samples", "width", "height", "pictures"}.
"""
import json
import os
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

TIMEOUT = 10
VIDEO = "application/x-rtp,media=video,encoding-name=VP8,clock-rate=90000,payload=96"
AUDIO = "application/x-rtp,media=audio,encoding-name=OPUS,encoding-params=(string)2,clock-rate=48000,payload=97"
SOURCES = f"""
    videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=240,framerate=15/1 ! vp8enc deadline=1 keyframe-max-dist=30
        ! rtpvp8pay picture-id-mode=15-bit ! {VIDEO} ! peer.
    audiotestsrc is-live=true wave=sine ! audio/x-raw,rate=48000,channels=2 ! opusenc ! rtpopuspay ! {AUDIO} ! peer."""

seen = {"state": "new", "frames": 0, "samples": 0, "width": 0, "height": 0, "pictures": 0}
kept = []
loop = GLib.MainLoop()
saying = threading.Lock()


def say(**changes):
    with saying:  # Several threads do: each line whole.
        # What the connection thinks of its own end comes after it.
        if seen["state"] != "deleted":
            seen.update(changes)
        print(json.dumps(seen), flush=True)
    return True


def request(method, url, token, body=None):
    headers = {"Authorization": f"Bearer {token}"}
    if body:
        headers["Content-Type"] = "application/sdp"
    call = urllib.request.Request(url, data=body.encode() if body else None, headers=headers, method=method)
    try:
        with urllib.request.urlopen(call, timeout=TIMEOUT) as response:
            return response.status, response.headers, response.read().decode()
    except urllib.error.HTTPError as refused:
        print(f"{method} {url}: {refused.code} {refused.read().decode()}", file=sys.stderr, flush=True)
        os._exit(1)


def promised(element, signal, *arguments):
    """What a signal's promise holds, as long as both are kept: the binding counts neither's references."""
    promise = Gst.Promise.new()
    element.emit(signal, *arguments, promise)
    promise.wait()
    kept.append((promise, promise.get_reply()))
    return kept[-1][1]


def description(kind, sdp):
    _, message = GstSdp.SDPMessage.new()
    GstSdp.sdp_message_parse_buffer(sdp.encode(), message)
    return GstWebRTC.WebRTCSessionDescription.new(kind, message)


def without_udp(sdp):
    return "".join(line for line in sdp.splitlines(True) if not (line.startswith("a=candidate:") and " udp " in line.lower()))


class Player:
    """Decodes what comes and counts it."""

    def __init__(self, pipeline):
        self.pipeline = pipeline
        self.last = None

    def pad_added(self, _, pad):
        if pad.direction != Gst.PadDirection.SRC:
            return
        video = pad.get_current_caps().get_structure(0).get_string("media") == "video"
        chain = "rtpvp8depay ! vp8dec ! videoconvert ! video/x-raw,format=GRAY8" if video else "rtpopusdepay ! opusdec"
        branch = Gst.parse_bin_from_description(f"queue ! {chain} ! appsink name=sink emit-signals=true sync=false max-buffers=8 drop=true", True)
        branch.get_by_name("sink").connect("new-sample", self.picture if video else self.sound)
        self.pipeline.add(branch)
        branch.sync_state_with_parent()
        pad.link(branch.get_static_pad("sink"))

    def picture(self, sink):
        sample = sink.emit("pull-sample")
        shape = sample.get_caps().get_structure(0)
        data = sample.get_buffer().extract_dup(0, sample.get_buffer().get_size())
        seen.update(frames=seen["frames"] + 1, width=shape.get_value("width"), height=shape.get_value("height"))
        if data != self.last:
            seen["pictures"] += 1
        self.last = data
        return Gst.FlowReturn.OK

    def sound(self, sink):
        sample = sink.emit("pull-sample")
        seen["samples"] += sample.get_buffer().get_size() // (2 * sample.get_caps().get_structure(0).get_value("channels"))
        return Gst.FlowReturn.OK


def negotiate(peer, url, token):
    """Offer out, answer in; the session's URL."""
    offer = promised(peer, "create-offer", None).get_value("offer")
    promised(peer, "set-local-description", offer)
    status, headers, answer = request("POST", url, token, offer.sdp.as_text())
    session = urllib.parse.urljoin(url, headers["Location"])
    say(state="answered", status=status, session=session)
    promised(peer, "set-remote-description", description(GstWebRTC.WebRTCSDPType.ANSWER, without_udp(answer)))
    return session


def main(role, url, token):
    Gst.init(None)
    pipeline = Gst.parse_launch("fakesrc num-buffers=1 ! fakesink webrtcbin name=peer bundle-policy=max-bundle" + (SOURCES if role == "publish" else ""))
    peer = pipeline.get_by_name("peer")
    # Everything is on this machine, and libnice leaves the loopback address out. Kept: webrtcbin 1.22 does not count the reference it hands out.
    agent = peer.get_property("ice-agent")
    agent.emit("add-local-ip-address", "127.0.0.1")
    peer.connect("notify::connection-state", lambda *_: say(state=peer.get_property("connection-state").value_nick))
    if role == "play":
        player = Player(pipeline)
        peer.connect("pad-added", player.pad_added)
        for caps in (AUDIO, VIDEO):
            peer.emit("add-transceiver", GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY, Gst.Caps.from_string(caps))
    pipeline.set_state(Gst.State.PLAYING)
    if role == "publish":
        pipeline.get_state(5 * Gst.SECOND)

    session = []

    def drive():
        session.append(negotiate(peer, url, token))
        sys.stdin.read()
        GLib.idle_add(loop.quit)

    threading.Thread(target=drive, daemon=True).start()
    GLib.timeout_add_seconds(1, say)
    loop.run()
    status, _, _ = request("DELETE", session[0], token)
    say(state="deleted", status=status)
    os._exit(0)  # Not by the finalizers: see the reference above.


main(*sys.argv[1:])
