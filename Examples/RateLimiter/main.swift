import CanoCore

enum Lookup: String, WorkflowState, CaseIterable {
    typealias Input = [String]
    typealias Output = Int
    case ask, done
}

// One call goes through at once, and then one every 10 ms. All runs of this process share it.
let limiter = RateLimiter(RateLimiterPolicy(1, per: .milliseconds(10), burst: 1))

let lookup = Workflow<Lookup>("lookup", startingAt: .ask) { state in
    switch state {
    case .ask:
        .each("address", then: .done, of: { context in context.input }) { address, _ in
            try await limiter.acquire()
            return address.count
        } reduce: { answers, _ in
            answers.outputs.count
        }
    case .done: .exit(taking: Int.self) { count, _ in count }
    }
}

let clock = ContinuousClock()
let began = clock.now
print("\(try await lookup.run(["Abbey Road", "Baker Street", "Carnaby Street", "Downing Street"])) addresses are looked up")
print("it took 30 ms or more: \(clock.now - began >= .milliseconds(30))")

// Two limits at once: a call takes from both or from none. By hand one is turned away in place of waiting.
let plan = MultiRateLimiter()
    .adding("burst", RateLimiter(RateLimiterPolicy(100, per: .seconds(1))))
    .adding("day", WindowedRateLimiter(.perDays(2, days: 1)))
for call in 1...3 {
    do throws(CanoError) {
        try plan.tryAcquire()
        print("call \(call) goes through")
    } catch {
        print("call \(call) does not (\(error.code)): \(error.message)")
    }
}
