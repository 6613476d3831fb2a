# The recipes of gcpresence-recipes(7) with the examples that they use, and the
# examples of the other documents.
recipe_tests = \
	tests/recipes/test_documents.py \
	tests/recipes/test_recipes.py
TESTS += $(recipe_tests)
EXTRA_DIST += $(recipe_tests) tests/recipes/kitchen.py
