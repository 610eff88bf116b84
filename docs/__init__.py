"""Pages about the project, and what builds the website of them."""
