import CanoCore

/// What a run of `trial-watch` waits for, and how often.
struct Watch: Codable, Sendable {
    /// The names of the signals; none when only time is waited for.
    var names: [String]
    /// Whether all of them are needed, and not just one.
    var all: Bool?
    /// How long at most, in milliseconds; forever without it.
    var withinMilliseconds: Int?
    /// How many waits follow each other; one without it.
    var rounds: Int?

    enum CodingKeys: String, CodingKey {
        case names = "for"
        case all, rounds
        case withinMilliseconds = "within_ms"
    }

    var wait: Wait {
        let limit = withinMilliseconds.map { TimerOutcome.duration(.milliseconds($0)) }
        return all == true ? Wait(forAll: names, upTo: limit) : Wait(forFirst: names, upTo: limit)
    }
}

enum WatchStep: String, WorkflowState, CaseIterable {
    typealias Input = Ordeal
    typealias Output = [String]?

    case take, watch, send, sent
}

/// A state that is undone when a later one fails, one that waits for signals as often as it is told to, and one like any other.
func trialWatch(version: String) -> Workflow<WatchStep> {
    Workflow("trial-watch", version: version, startingAt: .take) { state in
        switch state {
        case .take: .sagaStep(UndoableStation(name: "take", next: .watch))
        case .watch: .task(Watching(), leadsTo: [.watch, .send])
        case .send: .task(Station(next: .sent))
        case .sent: .exit { run in try await run.store.get(.marks) }
        }
    }
}

/// Marks each signal that ends its wait, as `name=data`, and counts it in the shared store `heard`, in a field of the run's own.
struct Watching: WaitTask {
    func begin(_ context: TaskContext<WatchStep>) async throws -> WaitStep<WatchStep> {
        guard let watch = context.input.watch else { return .next(.send) }
        return .wait(watch.wait)
    }

    func wake(_ woken: Woken, _ context: TaskContext<WatchStep>) async throws -> WaitStep<WatchStep> {
        switch woken {
        case .signals(let signals):
            for signal in signals {
                try await context.store.append("\(signal.name)=\(String(decoding: signal.data, as: UTF8.self))", to: .marks)
                _ = try await context.store(named: "heard").increment(StoreKey<Int>("\(context.runID)"), by: 1)
            }
        default: try await context.store.append("timeout", to: .marks)
        }
        // Visits are counted over all states, and the first one was of another.
        return .next(context.visit - 1 < context.input.watch?.rounds ?? 1 ? .watch : .send)
    }
}
