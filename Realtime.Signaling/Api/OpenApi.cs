using Microsoft.AspNetCore.Authorization;
using Microsoft.OpenApi;

namespace Realtime.Signaling.Api;

/// <summary><c>/openapi/v1.json</c>: made from the endpoints themselves; what they share (tokens, refusals, idempotency keys) is said here once.</summary>
public static class OpenApi
{
    public const string Route = "/openapi/v1.json";

    const string Bearer = "bearer";

    public static void AddApiDescription(this IServiceCollection services) => services.AddOpenApi("v1", static options =>
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
