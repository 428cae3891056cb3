import CanoCore

struct Ticket: Codable, Sendable {
    let subject: String
    let isPaying: Bool
}

enum Desk: String, WorkflowState, CaseIterable {
    typealias Input = Ticket
    typealias Output = String
    case triage, billing, specialist, queue, answered
}

let support = Workflow<Desk>("support", startingAt: .triage) { state in
    switch state {
    // A router only decides. It leaves no row in the log, so after a crash the decision is taken again: it must have no effects.
    case .triage:
        .router(leadsTo: [.billing, .specialist, .queue]) { context in
            if context.input.subject.contains("invoice") { return .billing }
            return context.input.isPaying ? .specialist : .queue
        }
    case .billing: .step(then: .answered) { _ in "billing looks at it today" }
    case .specialist: .step(then: .answered) { _ in "a specialist calls within the hour" }
    case .queue: .step(then: .answered) { _ in "the next one who is free answers" }
    case .answered: .exit(taking: String.self) { answer, run in "\(run.input.subject): \(answer)" }
    }
}

for ticket in [
    Ticket(subject: "a wrong invoice", isPaying: false),
    Ticket(subject: "no connection", isPaying: true),
    Ticket(subject: "a new password", isPaying: false),
] {
    print(try await support.run(ticket))
}
