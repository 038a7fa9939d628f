namespace Realtime.AppHost.Targets;

/// <summary>A place where the composition runs, and what it decides there. The composition itself is the same everywhere.</summary>
internal abstract class DeploymentTarget(IDistributedApplicationBuilder builder)
{
    public const string Key = "Deploy:Target";

    /// <summary>Longer than the longest drain: 15 s of signaling, 12 s of a media node and what it then closes.</summary>
    public const int StopSeconds = 45;

    /// <summary>The home of the user that the images run as: the one directory of them that it may write to, when a volume is mounted there.</summary>
    protected const string Home = "/home/app";

    protected IDistributedApplicationBuilder Builder { get; } = builder;

    /// <summary>Where a process listens; null: chosen at the start.</summary>
    public virtual int? HttpPort => 8080;

    public virtual int? ControlPort => 8081;

    /// <exception cref="DistributedApplicationException">There is no such place.</exception>
    public static DeploymentTarget Of(IDistributedApplicationBuilder builder)
        => builder.ExecutionContext.IsRunMode ? new ThisMachine(builder) : builder.Configuration[Key]?.ToLowerInvariant() switch
        {
            null or "" or "aca" => new ContainerApps(builder),
            "compose" => new Compose(builder),
            "kubernetes" => new Kubernetes(builder),
            var other => throw new DistributedApplicationException($"{Key} is '{other}'; it must be aca, compose or kubernetes."),
        };

    public abstract IResourceBuilder<IResourceWithConnectionString> AddRedis(string name);

    public abstract IResourceBuilder<IResourceWithConnectionString> AddDatabase(string server, string name);

    /// <summary>The node's way to browsers.</summary>
    public abstract void PlaceMedia(IResourceBuilder<ProjectResource> node, int index);

    public abstract void Place(IResourceBuilder<ProjectResource> signaling, IResourceBuilder<ProjectResource> web, IResourceBuilder<ParameterResource> turnSecret);

    /// <summary>
    /// What every published signaling and web need beside the composition: the key of the team's own backend, what seals keys in Postgres, the console's first password, and TURN servers run by
    /// somebody else. X-Forwarded headers are believed of <c>Network:TrustedProxies</c> alone.
    /// </summary>
    protected void PlaceShared(IResourceBuilder<ProjectResource> signaling, IResourceBuilder<ProjectResource> web)
    {
        signaling
            .WithEnvironment("Auth__Keys__app__Id", "app")
            .WithEnvironment("Auth__Keys__app__Secrets__0", Builder.AddSecret("api-key-secret", "Secret of the API key 'app', with which your own backend signs tokens."))
            .WithEnvironment("Auth__MasterKey", Builder.AddParameter("auth-master-key", secret: true)
                .WithDescription("Seals the API keys that are made in the console: 32 bytes in base64 (openssl rand -base64 32)."))
            .WithEnvironment("Turn__Urls", Builder.AddSetting("turn-urls", "", "Your TURN servers, comma-separated, as in turn:turn.example.org:3478?transport=udp; may stay empty."))
            .WithEnvironment("Attachments__Directory", $"{Home}/attachments")
            .DisableForwardedHeaders();
        web
            .WithReplicas(2)
            .WithEnvironment("Console__AdminPassword", Builder.AddSecret("console-password", "The password of the console's first account, admin."))
            .DisableForwardedHeaders();
    }

    /// <summary>Attachments: one directory for all replicas.</summary>
    protected static void KeepAttachments(IResourceBuilder<ProjectResource> signaling)
        => signaling.WithAnnotation(new ContainerMountAnnotation("realtime-attachments", Home, ContainerMountType.Volume, isReadOnly: false));

    /// <summary>The ports that browsers send to: UDP from <paramref name="port"/> on, one per worker, and TCP on the first number. No service refers to them.</summary>
    protected static void AddMediaPorts(IResourceBuilder<ProjectResource> node, int port, int workers)
    {
        var count = workers.ToString(System.Globalization.CultureInfo.InvariantCulture);
        node.WithEndpoint(port: port, targetPort: port, name: "ice-udp", scheme: "udp", protocol: System.Net.Sockets.ProtocolType.Udp, isExternal: true, env: "Media__UdpPort")
            .WithEndpoint(port: port, targetPort: port, name: "ice-tcp", scheme: "tcp", isExternal: true, env: "Media__TcpPort")
            .WithEndpoint("ice-udp", static endpoint => endpoint.ExcludeReferenceEndpoint = true)
            .WithEndpoint("ice-tcp", static endpoint => endpoint.ExcludeReferenceEndpoint = true)
            .WithEnvironment("Media__Workers", count)
            .DisableForwardedHeaders();
    }
}
