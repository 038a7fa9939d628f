using System.Text;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.Media.Fuzz;

/// <summary>An input broke a promise. Its bytes are in the message, to become a known-answer test.</summary>
sealed class FuzzFailureException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Feeds mutations of a corpus to a check, which throws when a promise is broken, and holds the check to its allowance of memory.</summary>
/// <param name="count">Inputs in the suite.</param>
sealed class Fuzzer(string name, int count, IReadOnlyList<byte[]> corpus, int maxLength = 1500, bool isText = false)
{
    const int Unlimited = -1;

    readonly Mutator mutator = new(FuzzPlan.Seed, corpus, maxLength, isText);

    public Random Random => mutator.Random;

    /// <summary>Bytes that one input may allocate, however short: <see cref="Unlimited"/>, 0 for what runs per packet.</summary>
    public int AllowedBytes { get; init; } = Unlimited;

    /// <summary>And so many more for each byte of it: what is not proportional grows without bound.</summary>
    public int AllowedPerByte { get; init; }

    public void Run(Action<byte[]> check)
    {
        // What a first call allocates (tables, code) is not the input's doing.
        foreach (var valid in corpus) Try(valid, -1, check, isMeasured: false);
        var done = 0;
        foreach (var i in FuzzPlan.Inputs(count))
        {
            Try(mutator.Next(), i, check, isMeasured: AllowedBytes != Unlimited);
            done = i + 1;
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: seed {FuzzPlan.Seed}, {done} inputs");
    }

    public async Task RunAsync(Func<byte[], Task> check)
    {
        foreach (var i in FuzzPlan.Inputs(count))
        {
            var input = mutator.Next();
            try
            {
                await check(input);
            }
            catch (Exception exception)
            {
                throw Failure(input, i, exception);
            }
        }
    }

    void Try(byte[] input, int number, Action<byte[]> check, bool isMeasured)
    {
        var kept = (byte[])input.Clone();
        long bytes;
        bool isBelieved;
        try
        {
            isBelieved = Allocation.TryMeasure(() => check(input), out bytes);
        }
        catch (Exception exception)
        {
            throw Failure(kept, number, exception);
        }

        var allowed = AllowedBytes + ((long)AllowedPerByte * kept.Length);
        if (!isMeasured || !isBelieved || bytes <= allowed) return;
        // Again: a method may have been compiled anew, a table may have grown for good.
        input = (byte[])kept.Clone();
        if (Allocation.TryMeasure(() => check(input), out bytes) && bytes > allowed)
            throw Failure(kept, number, new FuzzFailureException($"{bytes} bytes were allocated, {allowed} are allowed"));
    }

    FuzzFailureException Failure(byte[] input, int number, Exception exception) => new(
        $"{name}, seed {FuzzPlan.Seed}, input {number}: {exception.Message}\n{Convert.ToHexString(input)}{(isText ? "\n" + Encoding.UTF8.GetString(input) : "")}", exception);
}

/// <summary>A promise about an input; allocates nothing while it holds.</summary>
static class Promise
{
    public static void Holds(bool holds, string promise)
    {
        if (!holds) throw new FuzzFailureException(promise);
    }
}
