using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Auth;
using Realtime.Signaling.MediaControl;

namespace Realtime.Signaling.Whip;

/// <summary>
/// Ends the sessions whose token or user was revoked, within a second of learning it; every replica does, and doing it twice does no harm. The mere expiry of a token ends
/// nothing that runs: whoever streams for a day needs no token of a day.
/// </summary>
public sealed class RevokedSessions(NodeDirectory directory, Revocations revocations, LeaveQueue leaves, Supervisor supervisor)
    : SupervisedTicker(supervisor, TimeSpan.FromSeconds(1), "whip.revoked")
{
    protected override Task TickAsync(CancellationToken stopping)
    {
        foreach (var session in directory.Sessions(static (_, _) => true))
        {
            // Its token was issued before it joined; what was revoked after that is void.
            var token = new UserToken(session.Token ?? "", session.Info.User, session.Info.Name, Grants.None, session.Info.JoinedAt, session.Info.JoinedAt);
            if (!revocations.IsRevoked(token))
                continue;
            ActionLog.Record(Name, "ended", session.Info.User, session.Placement.Room);
            leaves.Add(session.Placement, session.Info.Participant, LeaveReason.SessionEnded);
        }
        return Task.CompletedTask;
    }
}
