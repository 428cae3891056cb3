import CanoBus
import Testing

@Suite("A listing of a workflow", .timeLimit(.minutes(5)))
struct WorkflowListingTests {
    @Test("reads back, and nothing else reads as one")
    func listings() {
        let listing = WorkflowListing(workflow: "orders", version: "2", bridge: "b-1")
        #expect(WorkflowListing(listing.description) == listing)
        for text in ["", "orders", "orders@2", "orders/b", "a@b@c/d", "a@b/c/d"] { #expect(WorkflowListing(text) == nil) }
    }
}
