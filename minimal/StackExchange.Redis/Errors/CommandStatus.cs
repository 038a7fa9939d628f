namespace StackExchange.Redis;

/// <summary>How far a command got.</summary>
public enum CommandStatus
{
    Unknown,
    WaitingToBeSent,
    Sent,
    WaitingInBacklog,
}
