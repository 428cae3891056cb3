import CanoCore

// What the workflow needs for as long as it runs: opened before the first run, closed after the last one.
struct Catalogue: Resource {
    private let titles = ["0141439513": "Pride and Prejudice", "0141439602": "A Tale of Two Cities"]

    func setUp() async throws { print("the catalogue is opened") }
    func tearDown() async throws { print("the catalogue is closed") }

    func title(of isbn: String) -> String { titles[isbn] ?? "an unknown book" }
}

extension ResourceKey<Catalogue> { static var catalogue: Self { "catalogue" } }
extension ResourceKey<String> { static var slip: Self { "slip" } }

enum Lending: String, WorkflowState, CaseIterable {
    typealias Input = String
    typealias Output = String
    case look, lent
}

// A task that names what it cannot do without: it is found missing before anything runs.
struct LookUp: WorkflowTask {
    var requirements: [ResourceRequirement] { [ResourceKey<Catalogue>.catalogue.required] }

    func run(_ context: TaskContext<Lending>) async throws -> Lending {
        let title = try context[.catalogue].title(of: context.input)
        print("\(title), \(try context[.slip])")
        return .lent
    }
}

let resources = Resources()
    .inserting(Catalogue(), for: .catalogue)
    .insertingPerRun(for: .slip) { run in "slip of \(run)" }

let lending = Workflow<Lending>("lending", startingAt: .look, resources: resources) { state in
    switch state {
    case .look: .task(LookUp(), leadsTo: [.lent])
    case .lent: .exit { run in "\(run.runID) is done" }
    }
}

// A program that runs many keeps its resources up in between. A run alone does both itself.
try await lending.setUpResources()
print(try await lending.run("0141439513", as: "ada"))
print(try await lending.run("0141439602", as: "grace"))
await lending.tearDownResources()
