import CanoCore

struct Parcel: Sendable {
    let name: String
    let grams: Int
}

struct TooHeavy: TerminalError, CustomStringConvertible {
    let parcel: Parcel
    var description: String { "\(parcel.name) weighs \(parcel.grams) g: the carrier takes 10,000 g" }
}

enum Dispatch: String, WorkflowState, CaseIterable {
    typealias Input = [Parcel]
    typealias Output = Dispatch
    case label, collected, held
}

struct PrintLabels: BatchTask {
    // So many at the same time, each twice at most. An error that no repetition cures is not repeated.
    var concurrency: Int { 4 }
    var itemRetry: RetryMode { .fixed(retries: 1, delay: .milliseconds(5)) }

    func load(_ context: TaskContext<Dispatch>) async throws -> [Parcel] { context.input }

    func process(_ parcel: Parcel, _ context: TaskContext<Dispatch>) async throws -> String {
        guard parcel.grams <= 10_000 else { throw TooHeavy(parcel: parcel) }
        // Each item is an effect of its own, so it has a key of its own.
        return context.idempotencyKey(for: parcel.name)
    }

    // A failed item fails nothing: it is one of the results, which are in the order of the items.
    func finish(_ results: [Result<String, any Error>], _ context: TaskContext<Dispatch>) async throws -> Dispatch {
        var next = Dispatch.collected
        for result in results {
            switch result {
            case .success(let label): print("label \(label)")
            case .failure(let error):
                print("no label: \(error)")
                next = .held
            }
        }
        return next
    }
}

let dispatch = Workflow<Dispatch>("dispatch", startingAt: .label) { state in
    switch state {
    case .label: .task(PrintLabels(), leadsTo: [.collected, .held])
    case .collected, .held: .exit
    }
}

let parcels = [Parcel(name: "books", grams: 3_200), Parcel(name: "anvil", grams: 52_000), Parcel(name: "lamp", grams: 900)]
print("the van is \(try await dispatch.run(parcels, as: "monday"))")
