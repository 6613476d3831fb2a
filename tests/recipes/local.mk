# The recipes of gcpresence-recipes(7), and the examples that they use.
TESTS += tests/recipes/test_recipes.py
EXTRA_DIST += \
	tests/recipes/kitchen.py \
	tests/recipes/test_recipes.py
