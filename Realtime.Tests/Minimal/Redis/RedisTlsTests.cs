using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Realtime.Tests.Harness;
using StackExchange.Redis;
using Xunit;

namespace Realtime.Tests.Minimal.Redis;

[Trait("Tier", "EndToEnd")]
public sealed class RedisTlsTests
{
    [Fact]
    public async Task TlsWithPassword_AndAnUnknownCertificateIsRefused()
    {
        var directory = Directory.CreateTempSubdirectory("realtime-tls-");
        try
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(IPAddress.Loopback);
            request.CertificateExtensions.Add(names.Build());
            using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
            var certificateFile = Path.Combine(directory.FullName, "certificate.pem");
            var keyFile = Path.Combine(directory.FullName, "key.pem");
            await File.WriteAllTextAsync(certificateFile, certificate.ExportCertificatePem());
            await File.WriteAllTextAsync(keyFile, key.ExportPkcs8PrivateKeyPem());

            await using var server = await RedisServer.StartAsync("s3cret",
                ["--port", "0", "--tls-port", "{port}", "--tls-cert-file", certificateFile, "--tls-key-file", keyFile, "--tls-ca-cert-file", certificateFile, "--tls-auth-clients", "no", "--save", ""]);
            var options = ConfigurationOptions.Parse(server.ConnectionString + ",ssl=true,connectRetry=1");
            await Assert.ThrowsAsync<RedisConnectionException>(() => ConnectionMultiplexer.ConnectAsync(options));

            options.CertificateValidation += (_, offered, _, _) => offered?.GetCertHashString() == certificate.GetCertHashString();
            await using var redis = await ConnectionMultiplexer.ConnectAsync(options);
            await redis.GetDatabase().StringSetAsync("over", "tls");
            Assert.Equal("tls", await redis.GetDatabase().StringGetAsync("over"));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
