using Microsoft.AspNetCore.Components;
using Realtime.Contracts;
using Realtime.Web.Operations;

namespace Realtime.Web.Components.Boards;

/// <summary>Webhook endpoints and what is on its way to them; dead letters are replayed from here.</summary>
public partial class DeliveriesBoard
{
    const int PageSize = 50;

    [Parameter]
    public string? Endpoint { get; set; }

    [Parameter]
    public string? State { get; set; }

    [Parameter]
    public string? After { get; set; }

    Answer<IReadOnlyList<WebhookInfo>> Endpoints { get; set; } = new(null, "");

    Answer<IReadOnlyList<DeliveryInfo>> Deliveries { get; set; } = new(null, "");

    protected override async Task OnInitializedAsync()
    {
        var endpoints = Signaling.GetAsync<IReadOnlyList<WebhookInfo>>("/api/webhooks?limit=100");
        Deliveries = await Signaling.GetAsync<IReadOnlyList<DeliveryInfo>>(Query($"/api/deliveries?newest=true&limit={PageSize}", ("endpoint", Endpoint), ("state", State), ("after", After)));
        Endpoints = await endpoints;
    }
}
