using System.Net.Http.Headers;
using System.Text;
using SIPSorcery.Net;
using SIPSorceryMedia.Abstractions;

namespace Realtime.Tests.Interop;

/// <summary>SIPSorcery's peer connection as a WHIP or WHEP client: an independent implementation in .NET of everything that our own peers share with the server.</summary>
sealed class SipSorceryPeer : IDisposable
{
    const int OpusId = 111;
    const int Vp8Id = 96;
    const uint AudioUnits = 960;
    const uint VideoUnits = 3000;

    static readonly TimeSpan s_answerWithin = TimeSpan.FromSeconds(10);

    readonly RTCPeerConnection _connection;
    readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    long _audio;
    long _video;

    SipSorceryPeer(MediaStreamStatusEnum direction)
    {
        // Feedback is what WebRTC takes for granted (RFC 8834); the library's default is plain SAVP.
        _connection = new RTCPeerConnection(new RTCConfiguration { X_UseRtpFeedbackProfile = true });
        _connection.addTrack(new MediaStreamTrack([new AudioFormat(AudioCodecsEnum.OPUS, OpusId, 48_000, 2, "useinbandfec=1")], direction));
        _connection.addTrack(new MediaStreamTrack([new VideoFormat(VideoCodecsEnum.VP8, Vp8Id)], direction));
        _connection.onconnectionstatechange += state =>
        {
            if (state == RTCPeerConnectionState.connected)
                _connected.TrySetResult();
            else if (state is RTCPeerConnectionState.failed or RTCPeerConnectionState.closed)
                _connected.TrySetException(new InvalidOperationException($"The connection is {state}."));
        };
        _connection.OnRtpPacketReceived += (_, kind, _) =>
        {
            if (kind == SDPMediaTypesEnum.audio)
                Interlocked.Increment(ref _audio);
            else if (kind == SDPMediaTypesEnum.video)
                Interlocked.Increment(ref _video);
        };
    }

    /// <summary>Packets of audio and of video that came, opened.</summary>
    public (long Audio, long Video) Received => (Interlocked.Read(ref _audio), Interlocked.Read(ref _video));

    public Task Connected => _connected.Task;

    public static Task<SipSorceryPeer> PublishAsync(Uri url, string token) => OpenAsync(MediaStreamStatusEnum.SendOnly, url, token);

    public static Task<SipSorceryPeer> PlayAsync(Uri url, string token) => OpenAsync(MediaStreamStatusEnum.RecvOnly, url, token);

    /// <summary>20 ms of audio, and a key frame: its header says VP8, 16 × 16, the rest is of no interest to a server.</summary>
    public void Send()
    {
        _connection.SendAudio(AudioUnits, [0xF8, 0xFF, 0xFE]);
        _connection.SendVideo(VideoUnits, [0x10, 0x02, 0x00, 0x9D, 0x01, 0x2A, 0x10, 0x00, 0x10, 0x00, .. new byte[200]]);
    }

    public void Dispose() => _connection.close();

    static async Task<SipSorceryPeer> OpenAsync(MediaStreamStatusEnum direction, Uri url, string token)
    {
        var peer = new SipSorceryPeer(direction);
        try
        {
            var offer = peer._connection.createOffer(null);
            await peer._connection.setLocalDescription(offer);
            using var http = new HttpClient { Timeout = s_answerWithin };
            using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent(offer.sdp, Encoding.UTF8, "application/sdp") };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var response = await http.SendAsync(request);
            var answer = await response.Content.ReadAsStringAsync();
            if (!response.IsSuccessStatusCode)
                throw new InvalidOperationException($"The offer was answered by {(int)response.StatusCode}: {answer}");
            var taken = peer._connection.setRemoteDescription(new RTCSessionDescriptionInit { type = RTCSdpType.answer, sdp = answer });
            return taken == SetDescriptionResultEnum.OK ? peer : throw new InvalidOperationException($"The answer is not taken: {taken}.\n{answer}");
        }
        catch
        {
            peer.Dispose();
            throw;
        }
    }
}
