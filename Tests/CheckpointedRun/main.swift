#if SQLite
    import CanoCore
    import CanoSQLite
    import Foundation

    /// Books a first and a second thing, then fails; writes a line to standard output as each of it happens.
    ///
    /// Arguments: the file of the checkpoints, and what to wait for ever in: `first`, `second`, `third`, `undo-second`,
    /// `undo-first` or nothing. A run that has a log is resumed.
    enum Stage: String, WorkflowState { case first, second, third, done }

    func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

    struct Booking: CompensatableTask {
        let name: String
        let next: Stage
        let stop: String

        func run(_ context: TaskContext<Stage>) async throws -> (next: Stage, receipt: String) {
            say("\(name) \(context.idempotencyKey)")
            if stop == name { try await hang() }
            return (next, "receipt of \(name)")
        }

        func compensate(_ context: TaskContext<Stage>, _ receipt: String) async throws {
            say("undo-\(name) \(context.idempotencyKey) \(receipt)")
            if stop == "undo-\(name)" { try await hang() }
        }
    }

    func hang() async throws {
        say("hanging")
        try await Task.sleep(for: .seconds(3_600))
    }

    let arguments = CommandLine.arguments
    guard arguments.count >= 2 else {
        say("give a file")
        exit(2)
    }
    let stop = arguments.count > 2 ? arguments[2] : ""
    let store = try SQLiteCheckpointStore(path: arguments[1])
    let workflow = Workflow<Stage>()
        .register(.first, Booking(name: "first", next: .second, stop: stop))
        .register(.second, Booking(name: "second", next: .third, stop: stop))
        .register(.third, name: "third", config: .minimal) { context in
            say("third \(context.idempotencyKey)")
            if stop == "third" { try await hang() }
            throw CanoError(.taskExecution, "no third", code: "no_third")
        }
        .addExitState(.done)
    let runtime = WorkflowRuntime(checkpoints: store)
    do {
        let isKnown = try await store.runs().contains("order-1")
        let end =
            try await isKnown
            ? workflow.orchestrate(resuming: "order-1", in: runtime) : workflow.orchestrate(from: .first, as: "order-1", in: runtime)
        say("ended in \(end.label)")
    } catch let error as CanoError {
        say("failed with \(error.code), rollback \(error.rollback.rawValue)")
    }
#else
    print("This needs the trait SQLite.")
#endif
