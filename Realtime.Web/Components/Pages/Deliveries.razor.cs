using Microsoft.AspNetCore.Components;
using Realtime.Contracts;

namespace Realtime.Web.Components.Pages;

/// <summary>Webhooks and their deliveries.</summary>
public partial class Deliveries
{
    static readonly string[] s_states = [DeliveryState.Pending, DeliveryState.Claimed, DeliveryState.Delivered, DeliveryState.Dead];

    [SupplyParameterFromQuery(Name = "endpoint")]
    string? Endpoint { get; set; }

    [SupplyParameterFromQuery(Name = "state")]
    string? State { get; set; }

    [SupplyParameterFromQuery(Name = "after")]
    string? After { get; set; }
}
