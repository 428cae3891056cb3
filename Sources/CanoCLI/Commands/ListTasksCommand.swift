import ArgumentParser
import CanoClient

/// `tasks`: prints the queues of tasks for workers, or what is on one of them.
struct ListTasksCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "tasks",
            abstract: "Prints the queues of tasks for workers, or the tasks on one of them.",
            discussion: """
                Of each queue: how many tasks wait and how old the oldest of them is, how many workers have and how old the oldest of those is, \
                how many workers have ever read it, and when one of them was last heard of. With --queue its workers and its oldest tasks: \
                the run, its state, the attempt, the age, and the worker that has the task and when that was last heard of about it. \
                Ages are counted from when a task was put on the queue.
                """)
    }

    @OptionGroup var redis: RedisOptions

    @Option(help: "Print the workers and the tasks of this queue.")
    var queue: String?

    @Option(help: "How many tasks of the queue to print at most.")
    var limit = 100

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("Give a --limit from 1 to 10000.") }
    }

    func run() async throws {
        guard let queue else {
            return try ListPrinter.print(try await redis.withBus { try await $0.taskQueues() }, isJSON: output.isJSON)
        }
        let (tasks, workers) = try await redis.withBus { bus in
            let tasks = try await bus.tasks(on: queue, count: limit)
            return (tasks, output.isJSON ? [] : try await bus.taskQueue(named: queue).workers)
        }
        if !output.isJSON {
            try ListPrinter.print(workers, isJSON: false)
            try StandardOutput.write("")
        }
        try ListPrinter.print(tasks, isJSON: output.isJSON)
    }
}
