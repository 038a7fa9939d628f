using Microsoft.AspNetCore.Components;
using Realtime.Contracts;
using Realtime.Web.Operations;

namespace Realtime.Web.Components.Pages;

/// <summary>The audit log: searched, exported, and whether it is whole.</summary>
public partial class Audit
{
    [SupplyParameterFromQuery(Name = "actor")]
    string? Actor { get; set; }

    [SupplyParameterFromQuery(Name = "target")]
    string? Target { get; set; }

    [SupplyParameterFromQuery(Name = "channel")]
    string? Channel { get; set; }

    [SupplyParameterFromQuery(Name = "action")]
    string? Action { get; set; }

    [SupplyParameterFromQuery(Name = "after")]
    string? After { get; set; }

    [Inject]
    SignalingClient Signaling { get; set; } = null!;

    string Verified { get; set; } = "";

    protected override async Task OnInitializedAsync()
    {
        var answer = await Signaling.GetAsync<AuditVerification>("/api/audit/verification");
        Verified = answer.Value is not { } verification ? "Whether the log is whole could not be found out."
            : verification.Intact ? $"The log is whole: {verification.Checked} entries, each with the hash of the one before."
            : $"The log is NOT whole: entry {verification.Broken} was changed or is missing.";
    }
}
