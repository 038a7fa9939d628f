namespace Realtime.Bench.Servers;

/// <summary>The configuration Janus is measured with: its fastest way of working, and nothing loaded that is not used.</summary>
static class JanusConfiguration
{
    const string Core = """
        general: {
          debug_level = 2
          event_loops = 2
          session_timeout = 0
        }
        nat: {
          ice_lite = true
          full_trickle = false
        }
        media: {
          ipv6 = false
        }
        plugins: {
          disable = "libjanus_audiobridge.so,libjanus_duktape.so,libjanus_echotest.so,libjanus_lua.so,libjanus_nosip.so,libjanus_recordplay.so,libjanus_sip.so,libjanus_streaming.so,libjanus_textroom.so,libjanus_videocall.so,libjanus_voicemail.so"
        }
        transports: {
          disable = "libjanus_http.so,libjanus_mqtt.so,libjanus_nanomsg.so,libjanus_pfunix.so,libjanus_rabbitmq.so"
        }

        """;

    /// <summary>Writes the files; returns what they say.</summary>
    public static string Write(string folder, int port)
    {
        var sockets = $$"""
            general: {
              json = "compact"
              ws = true
              ws_ip = "127.0.0.1"
              ws_port = {{port}}
            }

            """;
        File.WriteAllText(Path.Combine(folder, "janus.jcfg"), Core);
        File.WriteAllText(Path.Combine(folder, "janus.transport.websockets.jcfg"), sockets);
        File.WriteAllText(Path.Combine(folder, "janus.plugin.videoroom.jcfg"), "general: {\n}\n");
        return Core + sockets;
    }
}
