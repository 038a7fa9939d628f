using FsCheck;
using FsCheck.Fluent;
using Realtime.ServiceDefaults.CrashSafety;
using Xunit;

namespace Realtime.Tests.CrashSafety;

/// <summary>Random histories against a model that is written from design §4 alone: one row of a table per state and event.</summary>
public class CircuitBreakerModelTests
{
    enum Step
    {
        Enter,
        Succeed,
        Fail,
        GiveUp,
        Wait1,
        Wait10,
        Wait31,
        Reset,
    }

    sealed class Model
    {
        public string State = "closed";
        public int Failures, InFlight, Successes, Generation, Now, OpenedAt, LastTest;
        public long Opens, Closes;

        public void Look()
        {
            if (State == "open" && Now - OpenedAt >= 60)
                Become("halfOpen");
        }

        public bool Enter()
        {
            if (State == "closed")
                return true;
            if (State == "open")
            {
                if (Now - OpenedAt < 30)
                    return false;
                Become("halfOpen");
            }
            if (InFlight >= 3 && Now - LastTest >= 30)
                InFlight = 0;
            if (InFlight >= 3)
                return false;
            InFlight++;
            LastTest = Now;
            return true;
        }

        public void Verdict(int generation, Step step)
        {
            if (generation != Generation)
                return;
            if (step == Step.Succeed)
                Failures = 0;
            if (step == Step.Fail && (State == "halfOpen" || (++Failures >= 5 && State == "closed")))
            {
                Opens++;
                Become("open");
                return;
            }
            if (State != "halfOpen")
                return;
            InFlight = Math.Max(0, InFlight - 1);
            if (step == Step.Succeed && ++Successes == 3)
                Become("closed");
        }

        public void Become(string state)
        {
            State = state;
            Generation++;
            InFlight = Successes = 0;
            if (state == "open")
                OpenedAt = Now;
            if (state == "closed")
            {
                Failures = 0;
                Closes++;
            }
        }
    }

    [Fact]
    public void Every_history_goes_as_the_table_says() =>
        Prop.ForAll(
            Gen.Frequency(
                (6, Gen.Constant(Step.Enter)), (3, Gen.Constant(Step.Succeed)), (5, Gen.Constant(Step.Fail)), (1, Gen.Constant(Step.GiveUp)),
                (1, Gen.Constant(Step.Wait1)), (1, Gen.Constant(Step.Wait10)), (2, Gen.Constant(Step.Wait31)), (1, Gen.Constant(Step.Reset))).ArrayOf(200).ToArbitrary(),
            Follow).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    static void Follow(Step[] history)
    {
        var time = new ManualTime();
        var circuit = new CircuitBreaker("modelled", time);
        var model = new Model();
        var open = new Queue<(CircuitTicket Ticket, int Generation)>();
        for (var i = 0; i < history.Length; i++)
        {
            switch (history[i])
            {
                case Step.Enter:
                    var allowed = model.Enter();
                    Assert.Equal(allowed, circuit.TryEnter(out var ticket));
                    if (allowed)
                        open.Enqueue((ticket, model.Generation));
                    break;
                case Step.Succeed or Step.Fail or Step.GiveUp when open.TryDequeue(out var call):
                    model.Verdict(call.Generation, history[i]);
                    if (history[i] == Step.Succeed)
                        circuit.Success(call.Ticket);
                    else if (history[i] == Step.Fail)
                        circuit.Failure(call.Ticket, "error");
                    else
                        circuit.Abandon(call.Ticket);
                    break;
                case Step.Wait1 or Step.Wait10 or Step.Wait31:
                    var seconds = history[i] switch { Step.Wait1 => 1, Step.Wait10 => 10, _ => 31 };
                    model.Now += seconds;
                    time.Advance(TimeSpan.FromSeconds(seconds));
                    break;
                case Step.Reset:
                    model.Failures = 0;
                    if (model.State != "closed")
                        model.Become("closed");
                    circuit.Reset();
                    break;
            }
            model.Look();
            var info = circuit.Snapshot();
            Assert.True((model.State, model.Opens, model.Closes) == (info.State, info.Opens, info.Closes),
                $"step {i} ({history[i]}): expected {model.State}, {model.Opens} opens, {model.Closes} closes; got {info.State}, {info.Opens}, {info.Closes}");
        }
    }
}
