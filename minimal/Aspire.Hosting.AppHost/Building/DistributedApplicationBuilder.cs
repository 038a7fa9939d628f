using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Runner;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting;

public enum DistributedApplicationOperation
{
    Run,
    Publish
}

public sealed class DistributedApplicationExecutionContext(DistributedApplicationOperation operation, string publisherName)
{
    public DistributedApplicationExecutionContext(DistributedApplicationOperation operation)
        : this(operation, "manifest")
    {
    }

    public DistributedApplicationOperation Operation { get; } = operation;
    public string PublisherName { get; set; } = publisherName;
    public bool IsRunMode => Operation == DistributedApplicationOperation.Run;
    public bool IsPublishMode => Operation == DistributedApplicationOperation.Publish;
}

public interface IDistributedApplicationBuilder
{
    ConfigurationManager Configuration { get; }
    string AppHostDirectory { get; }
    Assembly? AppHostAssembly { get; }
    IHostEnvironment Environment { get; }
    IServiceCollection Services { get; }
    DistributedApplicationExecutionContext ExecutionContext { get; }
    IResourceCollection Resources { get; }
    IResourceBuilder<T> AddResource<T>(T resource)
        where T : IResource;
    IResourceBuilder<T> CreateResourceBuilder<T>(T resource)
        where T : IResource;
    DistributedApplication Build();
}

public interface IResourceBuilder<out T>
    where T : IResource
{
    T Resource { get; }
    IDistributedApplicationBuilder ApplicationBuilder { get; }
    IResourceBuilder<T> WithAnnotation<TAnnotation>(TAnnotation annotation, ResourceAnnotationMutationBehavior behavior = ResourceAnnotationMutationBehavior.Append)
        where TAnnotation : IResourceAnnotation;
}

internal sealed class ResourceBuilder<T>(IDistributedApplicationBuilder applicationBuilder, T resource) : IResourceBuilder<T>
    where T : IResource
{
    public T Resource { get; } = resource;
    public IDistributedApplicationBuilder ApplicationBuilder { get; } = applicationBuilder;

    public IResourceBuilder<T> WithAnnotation<TAnnotation>(TAnnotation annotation, ResourceAnnotationMutationBehavior behavior)
        where TAnnotation : IResourceAnnotation
    {
        if (behavior == ResourceAnnotationMutationBehavior.Replace)
        {
            foreach (var old in Resource.Annotations.OfType<TAnnotation>().ToArray())
                Resource.Annotations.Remove(old);
        }

        Resource.Annotations.Add(annotation);
        return this;
    }
}

internal sealed class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    private readonly HostApplicationBuilder _host;
    private readonly AppHostCapture? _capture;

    public DistributedApplicationBuilder(DistributedApplicationOptions options, AppHostCapture? capture)
    {
        _capture = capture;
        AppHostAssembly = capture?.AppHostAssembly ?? Assembly.GetEntryAssembly();
        AppHostDirectory = AppHostAssembly?.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(a => a.Key == "apphostprojectpath")?.Value
            ?? Directory.GetCurrentDirectory();
        var defaults = new ConfigurationManager();
        defaults.AddInMemoryCollection(capture?.Defaults);
        _host = new HostApplicationBuilder(new HostApplicationBuilderSettings
        {
            Args = options.Args,
            Configuration = defaults,
            ContentRootPath = Directory.Exists(AppHostDirectory) ? AppHostDirectory : AppContext.BaseDirectory,
            ApplicationName = AppHostAssembly?.GetName().Name,
            EnvironmentName = capture?.EnvironmentName
        });
        var publisher = Configuration["Publishing:Publisher"] ?? Configuration["publisher"];
        var operation = Configuration["AppHost:Operation"] ?? Configuration["operation"];
        ExecutionContext = publisher is not null || string.Equals(operation, "publish", StringComparison.OrdinalIgnoreCase)
            ? new(DistributedApplicationOperation.Publish, publisher ?? "manifest")
            : new(DistributedApplicationOperation.Run);

        var runner = RunnerOptions.Read(Configuration, AppHostDirectory);
        Services.AddSingleton(runner);
        Services.AddSingleton(ExecutionContext);
        Services.AddSingleton(new DistributedApplicationModel(Resources));
        Services.AddSingleton<ResourceNotificationService>();
        Services.AddSingleton<ResourceCommandService>();
        Services.AddSingleton<StateDirectory>();
        Services.AddSingleton<HealthProbe>();
        Services.AddSingleton<ApplicationRunner>();
        Services.AddHostedService(s => s.GetRequiredService<ApplicationRunner>());
        Services.AddHealthChecks();
        Services.AddHttpClient();
        Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromMinutes(2));
        Services.Configure<ConsoleLifetimeOptions>(o => o.SuppressStatusMessages = true);
        // A start that fails is told once, by whoever called it; a failed health check stands in the table.
        _host.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Microsoft.Extensions.Hosting", LogLevel.None).AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None).AddFilter("System.Net.Http", LogLevel.Warning);
        ParameterStore = new ParameterStore(Path.Combine(runner.StateDirectory, "parameters.json"));
    }

    public ConfigurationManager Configuration => _host.Configuration;
    public string AppHostDirectory { get; }
    public Assembly? AppHostAssembly { get; }
    public IHostEnvironment Environment => _host.Environment;
    public IServiceCollection Services => _host.Services;
    public DistributedApplicationExecutionContext ExecutionContext { get; }
    public IResourceCollection Resources { get; } = new ResourceCollection();

    /// <summary>Where generated parameters are kept between runs.</summary>
    internal ParameterStore ParameterStore { get; }

    public IResourceBuilder<T> AddResource<T>(T resource)
        where T : IResource
    {
        Resources.Add(resource);
        return CreateResourceBuilder(resource);
    }

    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource)
        where T : IResource
        => new ResourceBuilder<T>(this, resource);

    public DistributedApplication Build()
    {
        if (_capture is not null)
            return _capture.Built(this, BuildNow);
        if (ExecutionContext.IsPublishMode)
            throw new DistributedApplicationException("Publishing needs the Aspire packages themselves: build with PackageSet=full.");
        return BuildNow();
    }

    private DistributedApplication BuildNow() => new(_host.Build());
}
