import CanoCore

enum ForkStep: String, WorkflowState, CaseIterable {
    typealias Input = Ordeal
    typealias Output = Joined

    case take, fork, joined
}

/// What the branches of a run of `trial-branches` came to.
struct Joined: Codable, Sendable {
    /// What each has to say, by index.
    let accounts: [Account]
    /// The branches that succeeded, as the join saw them.
    let succeeded: [Int]
}

/// What one branch came to.
struct Account: Codable, Sendable {
    let branch: String
    /// What it ended with.
    let end: String
    let attempt: Int
    let key: String
}

extension StoreKey where Value == [Account] {
    static var accounts: Self { "accounts" }
}

extension StoreKey where Value == [Int] {
    static var succeeded: Self { "succeeded" }
}

/// A state that is undone when a later one fails, one with four branches, all of which must succeed, and the end.
func trialBranches(version: String) -> Workflow<ForkStep> {
    // They return nothing, for a task that waits can't: what they come to is in the run's store.
    let branches: [Branch<ForkStep, Void>] = [Branch(Ending()), Branch(Hearing()), Branch(Napping()), Branch(Doubting())]
    return Workflow("trial-branches", version: version, startingAt: .take) { state in
        switch state {
        case .take: .sagaStep(UndoableStation(name: "take", next: .fork))
        case .fork:
            .split(branches, join: JoinConfig(.all), leadsTo: [.joined]) { result, context in
                try await context.store.put(result.successes.map(\.index), for: .succeeded)
                return .joined
            }
        case .joined:
            .exit { run in
                Joined(accounts: try await run.store.get(.accounts) ?? [], succeeded: try await run.store.get(.succeeded) ?? [])
            }
        }
    }
}

extension TaskContext where State == ForkStep {
    /// Notes this part of the branch's work at once, also where nothing comes of it: `key part attempt`, a line of the input's diary.
    func note(_ part: String) {
        if let diary = input.diary { Notes(path: diary).add("\(idempotencyKey) \(part) \(attempt)") }
    }

    /// Says what the branch came to, and counts its end. Both count when it has succeeded and the branches are joined.
    func account(for branch: String, _ end: String) async throws {
        try await store.append(Account(branch: branch, end: end, attempt: attempt, key: idempotencyKey), to: .accounts)
        try await count(idempotencyKey)
    }

    /// Counts a deed of the branch in the shared store `branched`.
    func count(_ deed: String) async throws {
        _ = try await store(named: "branched").increment(StoreKey<Int>(deed), by: 1)
    }
}

/// The branch that ends at once.
struct Ending: BranchTask {
    let name = "quick"
    let config = TaskConfig(retry: .none)

    func run(_ context: TaskContext<ForkStep>) async throws {
        context.note("run")
        try await context.account(for: name, "ended")
    }
}

/// The branch that waits for what the input says; without that it waits for nothing. It says which signals came, as `name=data`.
struct Hearing: WaitTask {
    let name = "hear"

    func begin(_ context: TaskContext<ForkStep>) async throws -> WaitStep<ForkStep> {
        context.note("begin")
        try await context.count(context.idempotencyKey(for: "begin"))
        if let watch = context.input.watch { return .wait(watch.wait) }
        try await context.account(for: name, "nothing")
        return .next(.joined)
    }

    func wake(_ woken: Woken, _ context: TaskContext<ForkStep>) async throws -> WaitStep<ForkStep> {
        context.note("wake")
        switch woken {
        case .signals(let signals):
            let heard = signals.map { "\($0.name)=\(String(decoding: $0.data, as: UTF8.self))" }
            try await context.account(for: name, heard.joined(separator: ","))
        default: try await context.account(for: name, "timeout")
        }
        return .next(.joined)
    }
}

/// The branch that waits for time to pass.
struct Napping: TimerTask {
    let name = "nap"

    func wait(_ context: TaskContext<ForkStep>) async throws -> TimerOutcome {
        context.note("begin")
        try await context.count(context.idempotencyKey(for: "begin"))
        return .duration(.milliseconds(context.input.restMilliseconds ?? 200))
    }

    func afterWait(_ context: TaskContext<ForkStep>) async throws -> ForkStep {
        context.note("wake")
        try await context.account(for: name, "rested")
        return .joined
    }
}

/// The branch whose attempts fail as often as the input says, each once it has written what the last one writes.
struct Doubting: BranchTask {
    let name = "unsure"
    let config = TaskConfig(retry: .fixed(retries: 5, delay: .zero))

    func run(_ context: TaskContext<ForkStep>) async throws {
        context.note("run")
        try await context.account(for: name, "dared")
        guard context.attempt > context.input.failures ?? 0 else { throw Unsure(context) }
    }
}
