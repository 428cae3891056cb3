import CanoCore

struct Silent: Error {}

enum Survey: String, WorkflowState, CaseIterable {
    typealias Input = [String: Double]
    typealias Output = Double
    case measure, average, done
}

// Four of five stations are enough for the weather of a region: 75 %, rounded up.
let survey = Workflow<Survey>("survey", startingAt: .measure) { state in
    switch state {
    case .measure:
        .each(
            "station", config: .minimal, join: JoinConfig(.percentage(0.75)), then: .average,
            of: { context in context.input.keys.sorted() }
        ) { station, context in
            guard let celsius = context.input[station], !celsius.isNaN else { throw Silent() }
            return celsius
        } reduce: { stations, _ in
            stations.outputs
        }
    case .average: .step(taking: [Double].self, then: .done) { celsius, _ in celsius.reduce(0, +) / Double(celsius.count) }
    case .done: .exit(taking: Double.self) { average, _ in average }
    }
}

print("it is \(try await survey.run(["coast": 17, "hill": 14, "lake": .nan, "town": 19, "wood": 14])) degrees")
do throws(CanoError) {
    print("it is \(try await survey.run(["coast": 17, "hill": .nan, "lake": .nan, "town": 19, "wood": 14])) degrees")
} catch {
    print("no weather: \(error.causes.count) stations are silent")
}
