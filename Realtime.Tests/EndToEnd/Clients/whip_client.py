"""An independent WebRTC client (aiortc) over WHIP and WHEP, for the tests.

    whip_client.py publish URL TOKEN
    whip_client.py play URL TOKEN

Publishes a moving picture and a tone, or plays and counts, until its input ends; then it DELETEs its session. Each second, and at each step, it
prints one line of JSON: {"state", "frames", "samples", "width", "height", "pictures"}.
"""
import asyncio
import fractions
import json
import math
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import aioice.ice
import numpy
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, VideoFrame

TIMEOUT = 10
WIDTH, HEIGHT, RATE = 320, 240, 15

# Everything is on this machine, and aioice leaves the loopback address out.
aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]

seen = {"state": "new", "frames": 0, "samples": 0, "width": 0, "height": 0, "pictures": 0}


def say(**changes):
    seen.update(changes)
    print(json.dumps(seen), flush=True)


def request(method, url, token, body=None, content_type=None):
    headers = {"Authorization": f"Bearer {token}"}
    if content_type:
        headers["Content-Type"] = content_type
    call = urllib.request.Request(url, data=body.encode() if body else None, headers=headers, method=method)
    try:
        with urllib.request.urlopen(call, timeout=TIMEOUT) as response:
            return response.status, response.headers, response.read().decode()
    except urllib.error.HTTPError as refused:
        raise SystemExit(f"{method} {url}: {refused.code} {refused.read().decode()}")


class Picture(MediaStreamTrack):
    """A bar that moves, so that no two pictures are the same."""

    kind = "video"

    def __init__(self):
        super().__init__()
        self.number = 0
        self.started = time.time()

    async def recv(self):
        await asyncio.sleep(max(0, self.started + self.number / RATE - time.time()))
        plane = numpy.full((HEIGHT, WIDTH, 3), 64, numpy.uint8)
        left = self.number * 8 % (WIDTH - 16)
        plane[:, left : left + 16] = 220
        frame = VideoFrame.from_ndarray(plane, format="rgb24")
        frame.pts, frame.time_base = self.number * (90000 // RATE), fractions.Fraction(1, 90000)
        self.number += 1
        return frame


class Tone(MediaStreamTrack):
    """440 Hz, 20 ms at a time."""

    kind = "audio"

    def __init__(self):
        super().__init__()
        self.at = 0
        self.started = time.time()

    async def recv(self):
        await asyncio.sleep(max(0, self.started + self.at / 48000 - time.time()))
        angle = (numpy.arange(960) + self.at) * (2 * math.pi * 440 / 48000)
        frame = AudioFrame.from_ndarray((numpy.sin(angle) * 8000).astype(numpy.int16).reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48000, self.at, fractions.Fraction(1, 48000)
        self.at += 960
        return frame


async def count(track):
    last = None
    while True:
        try:
            frame = await track.recv()
        except MediaStreamError:
            return
        if track.kind == "audio":
            seen["samples"] += frame.samples
            continue
        picture = frame.to_ndarray(format="gray")[HEIGHT // 2]
        seen.update(frames=seen["frames"] + 1, width=frame.width, height=frame.height)
        if last is None or abs(picture.astype(int) - last.astype(int)).max() > 40:
            seen["pictures"] += 1
        last = picture


async def until_input_ends():
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


async def main(role, url, token):
    connection = RTCPeerConnection()
    connection.on("connectionstatechange", lambda: say(state=connection.connectionState))
    counting = []
    if role == "publish":
        connection.addTransceiver(Tone(), direction="sendonly")
        connection.addTransceiver(Picture(), direction="sendonly")
    else:
        connection.addTransceiver("audio", direction="recvonly")
        connection.addTransceiver("video", direction="recvonly")
        connection.on("track", lambda track: counting.append(asyncio.ensure_future(count(track))))

    await connection.setLocalDescription(await connection.createOffer())
    post = asyncio.get_running_loop().run_in_executor
    status, headers, answer = await post(None, request, "POST", url, token, connection.localDescription.sdp, "application/sdp")
    session = urllib.parse.urljoin(url, headers["Location"])
    say(state="answered", status=status, session=session, etag=headers["ETag"], type=headers["Content-Type"])
    await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    ended = asyncio.ensure_future(until_input_ends())
    while not ended.done():
        await asyncio.wait([ended], timeout=1)
        say()
    status, _, _ = await post(None, request, "DELETE", session, token)
    await connection.close()
    say(state="deleted", status=status)


asyncio.run(main(*sys.argv[1:]))
