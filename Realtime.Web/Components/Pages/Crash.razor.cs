using Microsoft.AspNetCore.Components;
using Realtime.Contracts;
using Realtime.Web.Operations;

namespace Realtime.Web.Components.Pages;

/// <summary>One crash report: who, what, why, and what was done before it.</summary>
public partial class Crash
{
    [Parameter]
    public string Id { get; set; } = "";

    [Inject]
    IServiceProvider Services { get; set; } = null!;

    Answer<CrashReport> Answer { get; set; } = new(null, "");

    protected override async Task OnInitializedAsync() =>
        Answer = await Services.GetRequiredService<SignalingClient>().GetAsync<CrashReport>($"/api/crashes/{Uri.EscapeDataString(Id)}");

    internal static string Said(string kind) => kind switch
    {
        CrashKind.Caught => "Contained: the caller was answered, nobody else noticed.",
        CrashKind.Loop => "A background loop threw and was started again.",
        CrashKind.Unhandled => "Nobody caught it: the process ended.",
        CrashKind.Unobserved => "A task failed and nobody looked.",
        CrashKind.PreviousRunDied => "The run before this one died without stopping.",
        _ => kind,
    };
}
