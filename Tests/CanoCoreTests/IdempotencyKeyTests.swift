import CanoCore
import Testing

/// What tells the effects of runs apart.
@Suite(.timeLimit(.minutes(5))) struct IdempotencyKeyTests {
    func context(_ run: RunID, _ state: String, visit: Int = 1) -> TaskContext<Step> { TaskContext(run: run, state: state, visit: visit) }

    @Test("a run, a state and a visit make a key that reads like them")
    func plain() {
        #expect(context("order-1", "charge").idempotencyKey == "order-1/charge/1")
        #expect(context("order-1", "charge").idempotencyKey(for: "item-7") == "order-1/charge/1#item-7")
    }

    @Test("whatever runs, states and parts are called, no two effects share a key")
    func distinct() {
        let names = ["a", "a/b", "a%2Fb", "b/c", "c", "1", "a/b/1", "%", "#", "a#b", "1#a", ""]
        var keys: [String: String] = [:]
        for run in names {
            for state in names {
                let context = context(RunID(run), state)
                for (key, effect) in [(context.idempotencyKey, "visit")] + names.map({ (context.idempotencyKey(for: $0), "part \($0)") }) {
                    let effect = "\(run), \(state), \(effect)"
                    #expect(keys.updateValue(effect, forKey: key) == nil, "\(key) of \(effect)")
                }
            }
        }
    }

    @Test("branches, their parts, items, steps and compensations have keys of their own, which are the same when they run again")
    func ofOneRun() async throws {
        let keys = Journal<String>()
        let branch = Branch<Step, Void>("branch", config: TaskConfig(retry: .fixed(retries: 1, delay: .zero))) { context in
            keys.add(context.idempotencyKey)
            keys.add(context.idempotencyKey(for: "0"))
            if context.attempt == 1 { throw Mishap() }
        }
        let workflow = Workflow<Step>.bookings(keys).registering(
            .second,
            .split([branch, branch], join: JoinConfig(bulkhead: 1)) { _, context in
                keys.add(context.idempotencyKey)
                keys.add(context.idempotencyKey(for: "0"))
                return .third
            })
        _ = await caught { try await workflow.orchestrate(from: .first, as: "r") }
        let ofBranches = (0...1).flatMap { ["r/second/2/\($0)", "r/second/2/\($0)#0"] }
        #expect(Set(keys.entries) == Set(["r/first/1", "r/second/2", "r/second/2#0", "r/first/1/compensation 10"] + ofBranches))
        for key in ofBranches { #expect(keys.entries.count { $0 == key } == 2) }
    }
}
