using Realtime.Tests.CrashSafety;
using Realtime.Web.Access;
using Xunit;

namespace Realtime.Tests.Web;

/// <summary>Passwords, and who is kept from guessing them.</summary>
public class PasswordTests
{
    [Fact]
    public void A_password_matches_its_hash_and_nothing_else()
    {
        var password = Passwords.Make();
        var hash = Passwords.Hash(password);
        Assert.True(Passwords.Matches(hash, password));
        Assert.False(Passwords.Matches(hash, password + "x"));
        Assert.False(Passwords.Matches(null, password));
        Assert.DoesNotContain(password, hash);
        Assert.NotEqual(hash, Passwords.Hash(password));
    }

    [Fact]
    public void A_lock_is_for_a_while_for_one_name_from_one_network()
    {
        var time = new ManualTime();
        var attempts = new SignInAttempts(time);
        for (var i = 0; i < SignInAttempts.FailuresPerName; i++)
        {
            Assert.Null(attempts.LockedFor("ann", "net"));
            attempts.Failed("ann", "net");
        }
        Assert.Equal(TimeSpan.FromMinutes(1), attempts.LockedFor("ann", "net"));
        Assert.Null(attempts.LockedFor("ben", "net"));
        Assert.Null(attempts.LockedFor("ann", "another"));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(attempts.LockedFor("ann", "net"));
        attempts.Failed("ann", "net");
        Assert.Equal(TimeSpan.FromMinutes(2), attempts.LockedFor("ann", "net"));
        attempts.Succeeded("ann", "net");
        Assert.Null(attempts.LockedFor("ann", "net"));
    }

    [Fact]
    public void Many_names_lock_the_network()
    {
        var attempts = new SignInAttempts(new ManualTime());
        for (var i = 0; i < SignInAttempts.FailuresPerNetwork; i++)
            attempts.Failed($"user-{i}", "net");
        Assert.NotNull(attempts.LockedFor("ann", "net"));
    }
}
