import ArgumentParser
import CanoClient
import CanoPrimitives

/// `doctor`: says what is the matter with a bus.
struct DoctorCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "doctor",
            abstract: "Looks at a bus and says what is the matter, and what to do about it.",
            discussion: """
                It looks at the server, the bridges, the commands and tasks that wait, workflows that no bridge has, readers of events, failed \
                runs and dead letters, and changes nothing. Ends with 0 when all is well, with 2 when something deserves attention, with 3 \
                when work stands still or may be lost, and with 1 when Redis can't be asked.
                """)
    }

    @OptionGroup var redis: RedisOptions

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let findings = try await redis.withBus { bus in try await bus.diagnose() }
        for finding in findings {
            if output.isJSON {
                try StandardOutput.write(finding.json)
            } else {
                try StandardOutput.write(finding.lines)
            }
        }
        switch findings.map(\.severity).max() {
        case .error: throw ExitCode(3)
        case .warning: throw ExitCode(2)
        case .fine, nil: return
        }
    }
}
