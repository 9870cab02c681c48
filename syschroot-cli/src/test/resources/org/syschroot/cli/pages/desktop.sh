# An image that users can enter.
image sl5 '[launchers]' 'directory = "/bin5"' 'names = ["sl5"]'
syschroot mount sl5
syschroot link sl5
