using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Components;
using Realtime.Web.Live;

namespace Realtime.Web.Components.Controls;

/// <summary>When somebody spoke within the last minute; now is at the right.</summary>
public partial class SpeakerLine
{
    [Parameter, EditorRequired]
    public required IReadOnlyList<bool> Samples { get; set; }

    [Parameter, EditorRequired]
    public required string Name { get; set; }

    string Path
    {
        get
        {
            var path = new StringBuilder();
            for (var i = 0; i < Samples.Count; i++)
            {
                if (Samples[i])
                    path.Append(CultureInfo.InvariantCulture, $"M{SpeakerHistory.Samples - Samples.Count + i} 0h1v10h-1z");
            }
            return path.ToString();
        }
    }
}
