"""Cases with figures that were worked out by hand: stories, the values of policy keys, what others have published."""
