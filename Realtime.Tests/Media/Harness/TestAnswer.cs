using Realtime.Media.Sdp;
using Xunit;

namespace Realtime.Tests.Media.Harness;

/// <summary>A server's answer as a test peer reads it.</summary>
public static class TestAnswer
{
    public static SessionDescription Read(string sdp)
    {
        Assert.True(SdpReader.TryRead(sdp, SdpLimits.Default, out var description, out var error), error?.ToString());
        return description;
    }

    /// <summary>The section a test peer sends or receives in.</summary>
    public static MediaDescription Section(this SessionDescription description, string mid) => description.Sections.Single(section => section.Mid == mid);
}
