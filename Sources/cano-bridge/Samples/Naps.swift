import CanoCore

/// Waits so many times for so long, one after the other: what a run that waits costs, and how often it is woken.
enum Naps {
    enum Step: String, WorkflowState, CaseIterable {
        typealias Input = Plan
        typealias Output = Int
        case nap, rested
    }

    struct Plan: Codable, Sendable {
        let naps: Int
        let ms: Int

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            naps = try container.decode(Int.self, forKey: .naps)
            ms = try container.decode(Int.self, forKey: .ms)
            guard naps >= 1, ms >= 0 else {
                throw DecodingError.dataCorruptedError(
                    forKey: .naps, in: container, debugDescription: "\(naps) naps of \(ms) ms: take one at least, of no less than 0 ms.")
            }
        }
    }

    private struct Nap: TimerTask {
        func wait(_ context: TaskContext<Step>) async throws -> TimerOutcome { .duration(.milliseconds(context.input.ms)) }

        func afterWait(_ context: TaskContext<Step>) async throws -> Step {
            try await context.store.increment(.taken, by: 1) < context.input.naps ? .nap : .rested
        }
    }

    static let workflow = Workflow<Step>("naps", startingAt: .nap) { state in
        switch state {
        case .nap: .task(Nap(), leadsTo: [.nap, .rested])
        case .rested: .exit { run in try await run.store.require(.taken) }
        }
    }
}

extension StoreKey<Int> {
    fileprivate static var taken: Self { "taken" }
}
