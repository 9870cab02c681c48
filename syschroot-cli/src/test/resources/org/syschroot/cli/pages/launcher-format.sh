# A launcher to review.
image sl4
syschroot mount sl4
syschroot link sl4 --into /bin4 sh
