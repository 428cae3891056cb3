import CanoCore

struct Verdict: Codable, Sendable {
    let by: String
    let isYes: Bool
}

enum Expense: String, WorkflowState, CaseIterable {
    typealias Input = Int
    typealias Output = Expense
    case check, approve, pay, paid, refused, expired
}

let expenses = Workflow<Expense>("expense", startingAt: .check) { state in
    switch state {
    case .check: .router(leadsTo: [.approve, .pay]) { context in context.input > 10_000 ? .approve : .pay }
    // A run that waits costs nothing: on a bridge it takes no slot and no memory, for days.
    case .approve:
        .wait(
            forFirst: [
                Signal("approved", of: String.self).map { Verdict(by: $0, isYes: true) },
                Signal("refused", of: String.self).map { Verdict(by: $0, isYes: false) },
            ],
            .within(.milliseconds(200), else: .expired), leadsTo: [.pay, .refused]
        ) { verdict, context in
            print("\(context.runID): \(verdict.by) says \(verdict.isYes ? "yes" : "no")")
            return verdict.isYes ? .pay : .refused
        }
    case .pay: .step(then: .paid) { context in print("\(context.runID): \(context.input) cents are paid") }
    case .paid, .refused, .expired: .exit
    }
}

let taxi = expenses.start(1_800, as: "taxi")
print("taxi: \(try await taxi.output())")

// A signal may come before its run waits for it. Of those with one id the first counts, so sending one again is safe.
let piano = expenses.start(950_000, as: "piano")
try piano.signal("approved", "Ann", id: "decision-7")
try piano.signal("approved", "Ann", id: "decision-7")
print("piano: \(try await piano.output())")

let yacht = expenses.start(95_000_000, as: "yacht")
try yacht.signal("refused", "Bob")
print("yacht: \(try await yacht.output())")

let island = expenses.start(9_500_000_000, as: "island")
print("island: \(try await island.output())")
