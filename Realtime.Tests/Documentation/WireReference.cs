using System.Globalization;
using System.Reflection;
using System.Text;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Realtime.Contracts;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Hosting;
using Realtime.Signaling.Hubs;
using Realtime.Signaling.RateLimits;

namespace Realtime.Tests.Documentation;

/// <summary><c>docs/reference.md</c>: every hub method, event, REST route, record and code, out of the code itself.</summary>
static class WireReference
{
    /// <summary>Events whose record is not called as they are.</summary>
    static readonly Dictionary<string, Type> s_records = new()
    {
        [HubEvent.MessageCreated] = typeof(Message),
        [RoomHubEvent.RoomUpdated] = typeof(RoomChangedEvent),
    };

    /// <summary>What anybody may ask for; GrantEnumerationTests holds it true.</summary>
    static readonly string[] s_open = ["/health", "/alive", "/ready", "/openapi/v1.json"];

    const string Players = "WHIP and WHEP";

    public static string Page()
    {
        var contracts = new XmlDocs(typeof(Message).Assembly);
        var signaling = new XmlDocs(typeof(RealtimeHub).Assembly);
        var records = new RecordTables(contracts, signaling);
        var page = new StringBuilder("""
            # Reference

            Generated from the code: `./realtime docs` writes this page anew, and a test fails when it is out of date. JSON is camelCase, times are ISO 8601 in UTC; members without
            a value are left out. What a record's member may be without is marked with `?`.

            - [Hub methods](#hub-methods), [hub events](#hub-events): WebSocket at `/hub`, SignalR's JSON protocol, no negotiate request needed
            - [REST](#rest): under `/api` and beside it; the same as a machine reads it at `/openapi/v1.json`
            - [Errors](#errors), [close codes](#close-codes), [limits](#limits)
            - [Records](#records)


            """);
        Methods(page, signaling, records);
        Events(page, contracts, records);
        Routes(page, records);
        Codes(page, contracts, signaling);
        records.Write(page);
        return page.ToString();
    }

    static void Methods(StringBuilder page, XmlDocs signaling, RecordTables records)
    {
        page.Append("## Hub methods\n\nEach takes one record and answers with one, or fails with an [error](#errors). `Hello` comes first.\n\n| method | request | answer | limit |\n|---|---|---|---|\n");
        var methods = typeof(RealtimeHub).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Where(static method => method.GetCustomAttribute<LimitedAttribute>() is not null && method.Name != nameof(RealtimeHub.Malformed));
        foreach (var method in methods.OrderBy(static method => method.Name, StringComparer.Ordinal))
        {
            var about = signaling.Of(method) is { } words ? $" {Cell(words)}" : "";
            page.Append(CultureInfo.InvariantCulture, $"| `{method.Name}`{about} | {records.Link(method.GetParameters()[0].ParameterType)} | {records.Link(Answer(method.ReturnType))} | `{method.GetCustomAttribute<LimitedAttribute>()!.Limit}` |\n");
        }
    }

    static void Events(StringBuilder page, XmlDocs contracts, RecordTables records)
    {
        page.Append("\n## Hub events\n\n| event | record | |\n|---|---|---|\n");
        var names = new[] { typeof(HubEvent), typeof(RoomHubEvent) }.SelectMany(static type => type.GetFields()).Select(static field => (string)field.GetRawConstantValue()!);
        foreach (var name in names.Order(StringComparer.Ordinal))
        {
            var type = s_records.GetValueOrDefault(name) ?? typeof(HubEvent).Assembly.GetType($"Realtime.Contracts.{char.ToUpperInvariant(name[0])}{name[1..]}Event", throwOnError: true)!;
            page.Append(CultureInfo.InvariantCulture, $"| `{name}` | {records.Link(type)} | {Cell(contracts.Of(type) ?? "")} |\n");
        }
    }

    static void Routes(StringBuilder page, RecordTables records)
    {
        page.Append("\n## REST\n\n`Authorization: Bearer`. A token's grants are weighed per channel and room; `admin` stands where nothing less will do, `–` where no token is needed; an API key comes as `Authorization: Basic`. POST takes an `Idempotency-Key`. Refusals are problem details (RFC 9457) with the members of an [error](#errors).\n");
        var endpoints = Endpoints().Select(static endpoint => (Endpoint: endpoint, Path: "/" + endpoint.RoutePattern.RawText!.Trim('/')))
            .SelectMany(static one => (one.Endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []).Where(static method => method is not ("HEAD" or "OPTIONS")).Select(method => (one.Endpoint, one.Path, Method: method)))
            .Where(static one => !one.Path.StartsWith("/hub", StringComparison.Ordinal) && !one.Path.Contains("{*", StringComparison.Ordinal))
            .DistinctBy(static one => (one.Path, one.Method)).ToList();
        foreach (var group in endpoints.GroupBy(static one => Group(one.Path)).OrderBy(static group => group.Key, StringComparer.Ordinal))
        {
            page.Append(CultureInfo.InvariantCulture, $"\n### {group.Key}\n\n| | needs | query | body | answer | |\n|---|---|---|---|---|---|\n");
            foreach (var (endpoint, path, method) in group.OrderBy(static one => one.Path, StringComparer.Ordinal).ThenBy(static one => one.Method, StringComparer.Ordinal))
            {
                var body = endpoint.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType;
                var answers = endpoint.Metadata.OfType<IProducesResponseTypeMetadata>().Where(static one => one.StatusCode < 400)
                    .Select(one => one.Type is { } type && type != typeof(void) ? $"{one.StatusCode} {records.Link(type)}" : one.StatusCode.ToString(CultureInfo.InvariantCulture)).Distinct();
                page.Append(CultureInfo.InvariantCulture, $"| `{method} {path}` | {Needs(endpoint, path, method)} | {Query(endpoint)} | {(body is null ? "" : records.Link(body))} | {string.Join(", ", answers)} | {Cell(endpoint.Metadata.GetMetadata<IEndpointSummaryMetadata>()?.Summary ?? "")} |\n");
            }
        }
    }

    static void Codes(StringBuilder page, XmlDocs contracts, XmlDocs signaling)
    {
        page.Append("\n## Errors\n\nThe hub fails a call with a `HubException` whose message is a `RealtimeError` as JSON; REST answers it as problem details.\n\n| code | |\n|---|---|\n");
        foreach (var field in typeof(ErrorCode).GetFields())
            page.Append(CultureInfo.InvariantCulture, $"| `{field.GetRawConstantValue()}` | {Cell(contracts.Of(field) ?? "")} |\n");
        page.Append(CultureInfo.InvariantCulture, $"\n## Close codes\n\n{contracts.Of(typeof(CloseCode))}\n\n| code | |\n|---|---|\n");
        foreach (var code in Enum.GetValues<CloseCode>())
            page.Append(CultureInfo.InvariantCulture, $"| {(int)code} | `{Camel(code.ToString())}` |\n");
        page.Append("\n## Limits\n\nThe names that `Hello` and refusals (`scope`) use; the figures are in the [configuration](configuration.md).\n\n| limit | |\n|---|---|\n");
        foreach (var field in typeof(LimitName).GetFields())
            page.Append(CultureInfo.InvariantCulture, $"| `{field.GetRawConstantValue()}` | {Cell(signaling.Of(field) ?? "")} |\n");
    }

    /// <summary>The route table of a replica that is put together and not started.</summary>
    static List<RouteEndpoint> Endpoints()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Development", ApplicationName = "Realtime.Signaling" });
        builder.Configuration["ConnectionStrings:realtimedb"] = "Host=127.0.0.1;Database=none;Username=none";
        builder.Configuration["ConnectionStrings:redis"] = "127.0.0.1:1";
        builder.Configuration["CrashReports:Directory"] = Path.Combine(Path.GetTempPath(), $"realtime-docs-{Environment.ProcessId}");
        builder.Logging.ClearProviders();
        IEndpointRouteBuilder routes = SignalingHost.Build(builder);
        return [.. routes.DataSources.SelectMany(static source => source.Endpoints).OfType<RouteEndpoint>()];
    }

    static string Needs(RouteEndpoint endpoint, string path, string method)
    {
        var authorized = endpoint.Metadata.OfType<IAuthorizeData>().ToList();
        if (authorized.Count > 0)
            return authorized.Any(static one => one.Policy == Policies.Admin) ? "`admin`" : "a token";
        if (s_open.Contains(path) || (method == "GET" && Group(path) == Players))
            return "–";
        // What the services share stands behind the operators' gate, whatever its metadata.
        return endpoint.Metadata.GetMetadata<MethodInfo>()?.GetParameters().Any(static one => one.ParameterType == typeof(KeyRing)) == true ? "an API key" : "`admin`";
    }

    /// <summary>Parameters of the handler that are neither in the path nor services.</summary>
    static string Query(RouteEndpoint endpoint)
    {
        var path = endpoint.RoutePattern.Parameters.Select(static one => one.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var given = endpoint.Metadata.GetMetadata<MethodInfo>()?.GetParameters() ?? [];
        var names = given.SelectMany(static one => one.GetCustomAttribute<AsParametersAttribute>() is null ? [(one.Name!, Type: one.ParameterType)] : one.ParameterType.GetProperties().Where(static property => property.CanWrite).Select(static property => (Camel(property.Name), Type: property.PropertyType)));
        return string.Join(", ", names.Where(one => IsSimple(one.Type) && !path.Contains(one.Item1)).Select(static one => $"`{one.Item1}`"));
    }

    static bool IsSimple(Type type) => (Nullable.GetUnderlyingType(type) ?? type) is var plain && (plain.IsPrimitive || plain.IsEnum || plain == typeof(string) || plain == typeof(DateTimeOffset));

    static string Group(string path) => path.Split('/') is ["", "api", var name, ..] ? name : path.Split('/')[1] is "whip" or "whep" ? Players : "operations";

    static Type Answer(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Task<>) ? type.GetGenericArguments()[0] : type;

    static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);

    static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
