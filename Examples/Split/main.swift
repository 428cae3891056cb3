import CanoCore

struct Applicant: Codable, Sendable {
    let name: String
    let income: Int
    let rent: Int
    let landlords: [String]
}

enum Letting: String, WorkflowState, CaseIterable {
    typealias Input = Applicant
    typealias Output = Letting
    case check, signed, declined
}

// A branch is a task that returns an output in place of a state; retries and timeouts are its own.
struct AskLandlords: BranchTask {
    var config: TaskConfig { TaskConfig(retry: .fixed(retries: 1, delay: .milliseconds(5)), attemptTimeout: .seconds(5)) }

    func run(_ context: TaskContext<Letting>) async throws -> Bool { !context.input.landlords.isEmpty }
}

let letting = Workflow<Letting>("letting", startingAt: .check) { state in
    switch state {
    case .check:
        // All run at the same time. The outputs are in the order of the branches, whichever ends first.
        .split(
            [
                Branch(AskLandlords()),
                Branch("income") { context in context.input.income >= 3 * context.input.rent },
                Branch("sanctions") { context in !["Raffles"].contains(context.input.name) },
            ], join: JoinConfig(.all), leadsTo: [.signed, .declined]
        ) { checks, context in
            print("\(context.input.name): landlords \(checks.outputs[0]), income \(checks.outputs[1]), sanctions \(checks.outputs[2])")
            return checks.outputs.allSatisfy(\.self) ? .signed : .declined
        }
    case .signed, .declined: .exit
    }
}

for applicant in [
    Applicant(name: "Ada", income: 4_800, rent: 1_500, landlords: ["Menabrea"]),
    Applicant(name: "Raffles", income: 9_000, rent: 1_500, landlords: []),
] {
    print("\(try await letting.run(applicant))")
}
