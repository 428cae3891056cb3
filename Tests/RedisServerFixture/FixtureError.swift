/// Why a fixture could not be set up; the test cannot say anything then.
package struct FixtureError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
