import CanoCore
import RuleFixture

/// The rules of resources and their health.
enum RERules {
    static let table: [Rule] = [
        Rule(
            ["RE-1"], "resources by typed key; wrong keys and types are errors that say so",
            ["found": ["5", "resource_type_mismatch"], "category of an absent one": "resourceNotFound"]
        ) { try await ResourcesTests().keys() },
        Rule(
            ["RE-1"], "the error of a wrong type says both types",
            ["category": "resourceTypeMismatch", "message says String": true, "message says Int": true]
        ) { try ResourcesTests().wrongType() },
        Rule(
            changed: ["RE-1"], "a second resource under one key is found by validation",
            ["category": "configuration", "problems": ["two resources were inserted as \"number\": give one of them another key"]]
        ) { ResourcesTests().duplicate() },
        Rule(
            ["RE-2"], "a resource without a lifecycle of its own does nothing and is healthy",
            ["health": "healthy"]
        ) { try await ResourcesTests().defaults() },
        Rule(
            ["RE-3", "RE-4"], "set up in order, torn down in reverse, also after a failure",
            ["code": "mishap", "journal": ["up a", "up b", "down b", "down a"]]
        ) { try await ResourcesTests().order() },
        Rule(
            ["RE-3"], "when one cannot be set up, those before it are torn down and nothing runs",
            ["code": "mishap", "journal": ["up a", "up b", "down a"]]
        ) { try await ResourcesTests().partialSetUp() },
        Rule(
            ["RE-3"], "a cancellation while setting up does not reach the tear-down of those set up before",
            ["runs that failed": 2, "journal": ["down shared", "down own"]]
        ) { try await ResourcesTests().tearDownAfterCancelledSetUp() },
        Rule(
            ["RE-4"], "an error in a tear-down does not keep the others up",
            ["end": "done", "journal": ["up a", "down a"]]
        ) { try await ResourcesTests().tearDownFails() },
        Rule(
            ["RE-4", "WB-7"], "a cancelled run tears down what it shares and what was made for it, and its cancellation reaches neither",
            ["category": "cancelled", "journal": ["down own", "down shared"]]
        ) { try await ResourcesTests().tearDownAfterCancellation() },
        Rule(
            ["RE-5"], "a trap in a set-up or a tear-down is not caught (setting up)",
            ["the process ends": true]
        ) { await TrapScenarios().inResource(setsUp: true) },
        Rule(
            ["RE-5"], "a trap in a set-up or a tear-down is not caught (tearing down)",
            ["the process ends": true]
        ) { await TrapScenarios().inResource(setsUp: false) },
        Rule(
            ["RE-6"], "the health of each in order, and the worst of all, the first of equally bad ones",
            [
                "overall of none": "healthy", "all are healthy in order": true, "health of the first": HealthStatus.degraded("slow"),
                "health of a plain value": nil, "overall of two degraded": HealthStatus.degraded("slow"),
                "overall with an unhealthy one": HealthStatus.unhealthy("gone"),
            ]
        ) { await HealthTests().aggregate() },
        Rule(
            ["RE-6"], "the engine itself asks no resource how it is",
            ["times asked": 0]
        ) { try await HealthTests().neverAsked() },
        Rule(
            ["RE-6"], "a workflow is asked for the resources its tasks share, and a scheduler for those of all its flows",
            [
                "has the workflow's own": true, "the scheduler's resources": ["orders/a", "invoices/a", "invoices/b"], "is ready": false,
                "health of the last": HealthStatus.unhealthy("gone"),
            ]
        ) { try await HealthTests().hosts() },
    ]
}
