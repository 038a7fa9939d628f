using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.Http.Resilience;

public static class HttpStandardResiliencePipelineBuilderExtensions
{
    /// <summary>One pipeline, and so one circuit and one limit, per scheme, host and port.</summary>
    public static IHttpStandardResiliencePipelineBuilder SelectPipelineByAuthority(this IHttpStandardResiliencePipelineBuilder builder)
    {
        ((StandardPipelineBuilder)builder).Selection.ByAuthority = true;
        return builder;
    }
}

sealed record StandardPipelineBuilder(string PipelineName, IServiceCollection Services, StandardPipelineSelection Selection) : IHttpStandardResiliencePipelineBuilder;
