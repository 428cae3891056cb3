import CanoCore
import Synchronization

// A studio that counts how many are in it.
final class Studio: Sendable {
    private let people = Mutex((now: 0, most: 0))

    var most: Int { people.withLock { $0.most } }

    func enter() {
        people.withLock { people in
            people.now += 1
            people.most = max(people.most, people.now)
        }
    }

    func leave() { people.withLock { $0.now -= 1 } }
}

enum Session: String, WorkflowState, CaseIterable {
    typealias Input = [String]
    typealias Output = [String]
    case record, done
}

let studio = Studio()

// Eight branches, two places: each of the others waits for its turn, and the join's timeout counts that too.
let session = Workflow<Session>("session", startingAt: .record) { state in
    switch state {
    case .record:
        .each("take", join: JoinConfig(.all, timeout: .seconds(60), bulkhead: 2), then: .done, of: { context in context.input }) {
            song, context in
            studio.enter()
            defer { studio.leave() }
            try await context.sleep(for: .milliseconds(5))
            return "\(song) is recorded"
        } reduce: { takes, _ in
            takes.outputs
        }
    case .done: .exit(taking: [String].self) { takes, _ in takes }
    }
}

let takes = try await session.run(["Aria", "Ballad", "Canon", "Duet", "Etude", "Fugue", "Gigue", "Hymn"])
print("\(takes.count) takes, the last: \(takes[7])")
print("never more than two at the same time: \(studio.most <= 2)")
