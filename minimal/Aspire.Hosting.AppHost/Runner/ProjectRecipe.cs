using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Runner;

/// <summary>Runs the built output of a project, as its own folder is the content root: <c>dotnet Project.dll</c>.</summary>
internal static class ProjectRecipe
{
    public static ProcessRecipeAnnotation For(ProjectResource project)
    {
        var metadata = project.Annotations.OfType<IProjectMetadata>().Single();
        return new ProcessRecipeAnnotation
        {
            Missing = () => File.Exists(metadata.BuiltAssembly) ? null : $"{metadata.BuiltAssembly} does not exist. Build the solution first: dotnet build",
            Prepare = (context, _) => Task.FromResult(new ProcessSpec
            {
                FileName = Programs.DotNet(),
                Arguments = [metadata.BuiltAssembly, .. context.Arguments],
                Environment = context.Environment,
                WorkingDirectory = Path.GetDirectoryName(metadata.ProjectPath)
            })
        };
    }
}
