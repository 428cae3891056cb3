import CanoCore
import Synchronization

// A payment gateway that is down for its first two calls.
final class Gateway: Sendable {
    struct Down: Error {}

    private let calls = Mutex(0)

    func charge(_ cents: Int) throws -> String {
        let call = calls.withLock { calls in
            calls += 1
            return calls
        }
        guard call > 2 else {
            print("call \(call): the gateway is down")
            throw Down()
        }
        return "call \(call): \(cents) cents are charged"
    }
}

enum Checkout: String, WorkflowState, CaseIterable {
    typealias Input = Int
    typealias Output = String
    case charge, paid
}

struct Doorman: WorkflowObserver {
    func workflow(_ run: RunID, did event: WorkflowEvent) {
        if case .circuitOpened(_, let task) = event { print("\(task) waits: the circuit is open") }
    }
}

let gateway = Gateway()
// Opens after two failures in a row, and lets one trial through when its time is over. Every task that calls the gateway gets this one.
let breaker = CircuitBreaker(CircuitPolicy(failureThreshold: 2, resetTimeout: .milliseconds(200)))
let config = TaskConfig(retry: .fixed(retries: 3, delay: .zero), attemptTimeout: .seconds(5), circuitBreaker: breaker)

let checkout = Workflow<Checkout>("checkout", startingAt: .charge) { state in
    switch state {
    case .charge: .step(config: config, then: .paid) { context in try gateway.charge(context.input) }
    case .paid: .exit(taking: String.self) { receipt, _ in receipt }
    }
}

print(try await checkout.run(1_250, in: WorkflowRuntime(observers: [Doorman()])))
print("the circuit is \(breaker.state)")
