using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Realtime.Contracts;
using Realtime.Tests.Harness;

namespace Realtime.Tests.Signaling.Auth;

/// <summary>An OpenID Connect issuer of two documents and two keys, on a port of its own, that a test kills and brings back.</summary>
public sealed class TinyIssuer : IAsyncDisposable
{
    public const string Audience = "realtime";

    readonly int _port = FreePort.Tcp();
    WebApplication? _app;

    public RSA Rsa { get; } = RSA.Create(2048);

    public ECDsa Ec { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public string Url => $"http://127.0.0.1:{_port}/tenant";

    /// <summary>Ids of the keys it tells; the first is the RSA key's.</summary>
    public string RsaId { get; set; } = "rsa-1";

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{_port}");
        _app = builder.Build();
        _app.MapGet("/tenant/.well-known/openid-configuration", () => Results.Json(new { issuer = Url, jwks_uri = Url + "/keys" }));
        _app.MapGet("/tenant/keys", () => Results.Text(Keys().ToJsonString(), "application/json"));
        await _app.StartAsync();
    }

    public async Task KillAsync()
    {
        if (_app is null)
            return;
        await _app.StopAsync();
        await _app.DisposeAsync();
        _app = null;
    }

    public JsonObject Claims(string user, TimeSpan? lifetime = null) => new()
    {
        ["iss"] = Url,
        ["aud"] = new JsonArray("other", Audience),
        ["sub"] = user,
        ["iat"] = DateTimeOffset.UtcNow.ToUnixTimeSeconds(),
        ["exp"] = (DateTimeOffset.UtcNow + (lifetime ?? TimeSpan.FromHours(1))).ToUnixTimeSeconds(),
        ["grants"] = JsonSerializer.SerializeToNode(new Grants(Channels: ["*"]), ContractsJson.Options),
    };

    public string Rs256(JsonObject claims, string? keyId = null, string algorithm = "RS256", JsonObject? header = null) =>
        Sign(header ?? Header(algorithm, keyId ?? RsaId), claims, data => Rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

    public string Es256(JsonObject claims, string keyId = "ec-1", string algorithm = "ES256") => Sign(Header(algorithm, keyId), claims, data => Ec.SignData(data, HashAlgorithmName.SHA256));

    /// <summary>What an attacker tries who knows the public key and hopes that it is taken for a shared secret.</summary>
    public string Hs256WithThePublicKey(JsonObject claims) =>
        Sign(Header("HS256", RsaId), claims, data => HMACSHA256.HashData(Encoding.UTF8.GetBytes(Rsa.ExportSubjectPublicKeyInfoPem()), data));

    public static string Unsigned(JsonObject claims, string keyId) => Sign(Header("none", keyId), claims, static _ => []);

    static JsonObject Header(string algorithm, string keyId) => new() { ["alg"] = algorithm, ["kid"] = keyId, ["typ"] = "JWT" };

    static string Sign(JsonObject header, JsonObject claims, Func<byte[], byte[]> sign)
    {
        var signed = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header.ToJsonString()))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString()))}";
        return $"{signed}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    JsonObject Keys()
    {
        var (rsa, ec) = (Rsa.ExportParameters(false), Ec.ExportParameters(false));
        return new JsonObject
        {
            ["keys"] = new JsonArray(
                new JsonObject { ["kty"] = "RSA", ["use"] = "sig", ["kid"] = RsaId, ["n"] = Base64Url.EncodeToString(rsa.Modulus), ["e"] = Base64Url.EncodeToString(rsa.Exponent) },
                new JsonObject { ["kty"] = "EC", ["crv"] = "P-256", ["kid"] = "ec-1", ["x"] = Base64Url.EncodeToString(ec.Q.X), ["y"] = Base64Url.EncodeToString(ec.Q.Y) },
                // Of no use here, and no reason to stumble.
                new JsonObject { ["kty"] = "oct", ["kid"] = "secret", ["k"] = "AAAA" },
                new JsonObject { ["kty"] = "RSA", ["use"] = "enc", ["kid"] = "enc-1", ["n"] = Base64Url.EncodeToString(rsa.Modulus), ["e"] = Base64Url.EncodeToString(rsa.Exponent) },
                new JsonObject { ["kty"] = "EC", ["crv"] = "P-256", ["kid"] = "off-curve", ["x"] = new string('A', 43), ["y"] = new string('A', 43) },
                JsonValue.Create(7)),
        };
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Rsa.Dispose();
        Ec.Dispose();
    }
}
