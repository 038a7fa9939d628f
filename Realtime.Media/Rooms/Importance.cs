namespace Realtime.Media.Rooms;

/// <summary>In which order a subscriber's videos are served when there is not enough for all.</summary>
public enum Importance
{
    /// <summary>The subscriber asked for it in any case.</summary>
    Pinned,
    /// <summary>Its publisher speaks.</summary>
    Speaking,
    Other,
}

public static class SubscriptionImportance
{
    /// <summary>As of now: it changes with who speaks and with what the subscriber pins.</summary>
    public static Importance Of(Subscription subscription) =>
        subscription.Subscriber.View.Pins(subscription.Publication) ? Importance.Pinned
        : subscription.Publication.Publisher.Voice.IsSpeaking ? Importance.Speaking
        : Importance.Other;
}
