using System.Text.Json;
using Microsoft.Playwright;
using Realtime.Contracts;

namespace Realtime.Tests.Harness;

/// <summary>Where a browser's WHIP or WHEP session stands.</summary>
/// <param name="Protocol">Of the selected candidate pair.</param>
public sealed record WhipPageState(string State, string? Protocol, long FramesEncoded, long FramesDecoded);

/// <summary>A browser page that speaks WHIP or WHEP by itself, with nothing of ours in it.</summary>
public sealed class WhipPage(IPage page) : IAsyncDisposable
{
    // The offer goes out before any candidate is known, as trickling clients do.
    const string OpenScript = """
        async ({ endpoint, token, transport }) => {
          const connection = window.connection = new RTCPeerConnection();
          if (endpoint.includes('/whip/')) {
            const media = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 320, height: 240 } });
            for (const track of media.getTracks()) connection.addTransceiver(track, { direction: 'sendonly', streams: [media] });
          } else {
            for (const kind of ['audio', 'video']) connection.addTransceiver(kind, { direction: 'recvonly' });
          }
          await connection.setLocalDescription();
          const response = await fetch(endpoint, {
            method: 'POST',
            headers: { 'Content-Type': 'application/sdp', Authorization: `Bearer ${token}` },
            body: connection.localDescription.sdp.split('\r\n').filter(line => !line.startsWith('a=candidate:')).join('\r\n'),
          });
          const answer = await response.text();
          if (response.status !== 201) throw new Error(`${response.status} ${answer}`);
          const kept = line => !transport || !line.startsWith('a=candidate:') || line.split(' ')[2].toLowerCase() === transport;
          await connection.setRemoteDescription({ type: 'answer', sdp: answer.split('\r\n').filter(kept).join('\r\n') });
          window.session = { url: new URL(response.headers.get('Location'), endpoint).href, etag: response.headers.get('ETag'), token };
        }
        """;

    const string StateScript = """
        async () => {
          const all = [...(await window.connection.getStats()).values()];
          const find = id => all.find(report => report.id === id);
          const pair = find(all.find(report => report.type === 'transport')?.selectedCandidatePairId);
          const video = type => all.find(report => report.type === type && report.kind === 'video');
          return JSON.stringify({
            state: window.connection.connectionState, protocol: find(pair?.localCandidateId)?.protocol,
            framesEncoded: video('outbound-rtp')?.framesEncoded ?? 0, framesDecoded: video('inbound-rtp')?.framesDecoded ?? 0,
          });
        }
        """;

    // RFC 9725 §4.3.3: new credentials go out by PATCH, the server's come back, and the rest of the descriptions stays as it was.
    const string RestartScript = """
        async () => {
          const { connection, session } = window;
          const lines = text => text.split('\r\n');
          const ice = text => lines(text).filter(line => line.startsWith('a=ice-ufrag:') || line.startsWith('a=ice-pwd:')).slice(0, 2);
          const before = connection.remoteDescription.sdp;
          await connection.setLocalDescription(await connection.createOffer({ iceRestart: true }));
          const offer = connection.localDescription.sdp;
          const response = await fetch(session.url, {
            method: 'PATCH',
            headers: { 'Content-Type': 'application/trickle-ice-sdpfrag', 'If-Match': '"*"', Authorization: `Bearer ${session.token}` },
            body: [lines(offer).find(line => line.startsWith('m=')), 'a=mid:0', ...ice(offer), ''].join('\r\n'),
          });
          const fragment = await response.text();
          const [ufrag, pwd] = ice(fragment);
          await connection.setRemoteDescription({ type: 'answer', sdp: lines(before)
            .map(line => line.startsWith('a=ice-ufrag:') ? ufrag : line.startsWith('a=ice-pwd:') ? pwd : line).join('\r\n') });
          return [response.status, response.headers.get('ETag') !== session.etag ? 1 : 0];
        }
        """;

    /// <param name="transport">Candidates kept of the answer: <c>udp</c>, <c>tcp</c>; null keeps all.</param>
    public Task OpenAsync(Uri endpoint, string token, string? transport = null) => page.EvaluateAsync(OpenScript, new { endpoint = endpoint.AbsoluteUri, token, transport });

    public async Task<WhipPageState> StateAsync() => JsonSerializer.Deserialize<WhipPageState>(await page.EvaluateAsync<string>(StateScript), ContractsJson.Options)!;

    /// <summary>Restarts ICE; the status of the PATCH, and whether the entity tag is another.</summary>
    public async Task<(int Status, bool NewTag)> RestartAsync() => await page.EvaluateAsync<int[]>(RestartScript) is [var status, var changed] ? (status, changed == 1) : default;

    public async ValueTask DisposeAsync()
    {
        await page.CloseAsync();
        await page.Context.DisposeAsync();
    }
}
