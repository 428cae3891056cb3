import ArgumentParser

/// How long a command about a schedule waits for its answer.
struct ScheduleWaitOptions: ParsableArguments {
    @Option(
        name: .customLong("timeout-seconds"), help: "How long to wait for a bridge to take the command. (default: 40)",
        transform: Duration.seconds(typed:))
    var timeout = Duration.seconds(40)
}
