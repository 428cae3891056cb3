import CanoCore

struct Unreachable: Error {}

enum Download: String, WorkflowState, CaseIterable {
    typealias Output = String
    case fetch, fetched
}

struct Mirror: BranchTask {
    let host: String
    let answersIn: Duration?

    var config: TaskConfig { .minimal }

    func run(_ context: TaskContext<Download>) async throws -> String {
        guard let answersIn else { throw Unreachable() }
        try await context.sleep(for: answersIn)
        return host
    }
}

extension StoreKey<String> { static var mirror: Self { "mirror" } }

let download = Workflow<Download>("download", startingAt: .fetch) { state in
    switch state {
    case .fetch:
        // The first that succeeds is enough. Those that are not needed any more are cancelled, so none of them costs an hour.
        .split(
            [
                Mirror(host: "north", answersIn: nil), Mirror(host: "south", answersIn: .milliseconds(10)),
                Mirror(host: "west", answersIn: .seconds(3_600)),
            ], join: JoinConfig(.any), leadsTo: [.fetched]
        ) { result, context in
            print("west is cancelled: \(result.cancelled.contains(2))")
            try await context.store.put(result.outputs[0], for: .mirror)
            return .fetched
        }
    case .fetched: .exit { run in try await run.store.require(.mirror) }
    }
}

print("fetched from \(try await download.run())")
