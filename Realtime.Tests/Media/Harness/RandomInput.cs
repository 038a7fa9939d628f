using FsCheck;
using FsCheck.Fluent;

namespace Realtime.Tests.Media.Harness;

/// <summary>Runs an assertion over generated values; a failure shows the shrunk value and the seed to replay it.</summary>
static class RandomInput
{
    public static Gen<byte> Byte { get; } = Gen.Choose(0, 255).Select(value => (byte)value);

    public static Gen<ushort> UInt16 { get; } = Gen.Choose(0, ushort.MaxValue).Select(value => (ushort)value);

    public static Gen<uint> UInt32 { get; } = UInt16.Two().Select(pair => ((uint)pair.Item1 << 16) | pair.Item2);

    public static Gen<byte[]> Bytes(int maxLength) => Gen.Choose(0, maxLength).SelectMany(length => Byte.ArrayOf(length));

    public static void Check<T>(Gen<T> values, Action<T> assertion, int count = 1000) =>
        FsCheck.Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(count).WithQuietOnSuccess(true),
            Prop.ForAll(values.ToArbitrary(), assertion));
}
