using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Realtime.Signaling.Api;

/// <summary><c>/openapi/v1.json</c>: made from the endpoints themselves; what they share (tokens, refusals, idempotency keys) is said here once.</summary>
public static class OpenApi
{
    public const string Route = "/openapi/v1.json";

    const string DocumentName = "v1";
    const string Bearer = "bearer";

    /// <summary>Made at the first question and kept: endpoints do not change, and anybody may ask.</summary>
    public static void MapApiDescription(this WebApplication app)
    {
        var document = new Lazy<Task<byte[]>>(() => WriteAsync(app.Services));
        app.MapGet(Route, async () => Results.Bytes(await document.Value, "application/json")).ExcludeFromDescription();
    }

    static async Task<byte[]> WriteAsync(IServiceProvider services)
    {
        await using var scope = services.CreateAsyncScope();
        var document = await scope.ServiceProvider.GetRequiredKeyedService<IOpenApiDocumentProvider>(DocumentName).GetOpenApiDocumentAsync();
        using var stream = new MemoryStream();
        await document.SerializeAsJsonAsync(stream, OpenApiSpecVersion.OpenApi3_1);
        return stream.ToArray();
    }

    public static void AddApiDescription(this IServiceCollection services) => services.AddOpenApi(DocumentName, static options =>
    {
        options.AddDocumentTransformer(static (document, _, _) =>
        {
            document.Info.Title = "Realtime";
            document.Info.Description = "Channels, messages, people, rooms. Refusals are problem details (RFC 9457) with code, field, retryAfterMs, incident and scope.";
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                [Bearer] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = Bearer, BearerFormat = "JWT" },
            };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(static (operation, context, _) =>
        {
            var metadata = context.Description.ActionDescriptor.EndpointMetadata;
            operation.Responses ??= [];
            operation.Responses.TryAdd("default", new OpenApiResponse { Description = "Refused: problem details (application/problem+json)" });
            if (metadata.OfType<IAuthorizeData>().Any())
                operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = [] }];
            if (HttpMethods.IsPost(context.Description.HttpMethod ?? ""))
            {
                (operation.Parameters ??= []).Add(new OpenApiParameter
                {
                    Name = IdempotencyMiddleware.Header,
                    In = ParameterLocation.Header,
                    Description = "Makes a retry safe: the same key is answered with the first answer, for a day.",
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = IdempotencyMiddleware.MaxKeyLength },
                });
            }
            return Task.CompletedTask;
        });
    });
}
