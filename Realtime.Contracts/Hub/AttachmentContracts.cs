namespace Realtime.Contracts;

/// <summary>An uploaded file, as <c>POST /api/attachments</c> answers.</summary>
/// <param name="Id">Not guessable; <c>SendMessage.attachments</c> refers to it as <c>{"id": "…"}</c>.</param>
/// <param name="Name">The uploader's, without path and control characters.</param>
/// <param name="Type">The uploader's claim; never sniffed, never trusted.</param>
public sealed record AttachmentInfo(string Id, string Channel, string Uploader, string Name, string Type, long Size, string Sha256, DateTimeOffset CreatedAt);
